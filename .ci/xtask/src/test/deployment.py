"""Compares the examples of deployments with the schemas of what reads them. Arguments: the examples' directory."""

import importlib.metadata
import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

# Kinds that are not Kubernetes' own and have no schema here.
FOREIGN = {"ServiceMonitor", "Kustomization"}

examples = pathlib.Path(sys.argv[1])
checked = 0


def kubernetes():
    global checked
    listed = yaml.safe_load((examples / "kubernetes/kustomization.yaml").read_text())["resources"]
    for name in listed:
        assert (examples / "kubernetes" / name).is_file(), f"{name} is listed and not there"
    for file in sorted((examples / "kubernetes").glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            if document["kind"] in FOREIGN:
                print(f"{file.name}: {document['kind']} has no schema here, it was read as YAML only")
                continue
            kubernetes_validate.validate(document, "1.32", strict=True)
            checked += 1


def compose():
    global checked
    # The package is taken for this one file; what it would need to run is not installed.
    package = importlib.metadata.files("docker-compose")
    schema = next(file for file in package if file.name == "compose_spec.json").locate()
    document = yaml.safe_load((examples / "compose/compose.yaml").read_text())
    # A part of the specification since 2022, after this copy of its schema.
    assert isinstance(document.pop("name"), str)
    jsonschema.validate(document, json.loads(schema.read_text()))
    for name, service in document["services"].items():
        needed = set(service.get("depends_on", {}))
        assert needed <= set(document["services"]), f"{name} depends on what is not there"
        example = examples / "compose" / (service["env_file"] + ".example")
        assert example.is_file(), f"{example} is missing"
    checked += 1


kubernetes()
compose()
print(f"{checked} documents are as their schemas want them")
