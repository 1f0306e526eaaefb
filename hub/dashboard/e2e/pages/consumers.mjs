/** The page of consumers, and that a click narrows traffic to one of them. */
import assert from "node:assert/strict";
import { newApp } from "../harness/apps.mjs";
import { eventually, openPage } from "../harness/browser.mjs";
import { newPerson } from "../harness/people.mjs";

const rows = page => page.locator(".consumers tbody tr");

async function toTraffic({ page, subject }) {
  const { data } = await subject.read("consumers");
  await page.goto(subject.page("consumers"));
  await eventually("a row per consumer", async () => (await rows(page).count()) === data.length);
  const [first] = data;
  assert.ok((await rows(page).first().innerText()).includes(first.name ?? first.identifier));
  await rows(page).first().click();
  const drawer = page.getByRole("dialog");
  await drawer.locator(".called li").first().waitFor();
  await drawer.getByRole("link", { name: "Traffic", exact: true }).click();
  await page.getByRole("heading", { name: "Traffic", exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("consumer"), first.identifier);
  const shown = async () => {
    const title = await page.locator(".card").first().getAttribute("title");
    return title === null ? null : Number(title.replaceAll(",", ""));
  };
  await eventually("only their requests", async () => (await shown()) === first.requests);
  await page.getByRole("link", { name: "Errors", exact: true }).click();
  await page.locator(".codes tbody tr").first().waitFor();
  assert.ok((await page.locator(".chip").innerText()).includes(first.identifier), "the filter goes along");
}

async function hostile({ page, subject }) {
  const text = "<img src=x onerror=\"document.title='owned'\">";
  await page.route("**/api/v1/apps/*/consumers*", async route => {
    const response = await route.fetch();
    const body = await response.json();
    body.data.unshift({ ...body.data[0], consumer_id: "x", identifier: text, name: text, group: text, requests: 1e12 });
    await route.fulfill({ response, json: body });
  });
  await page.goto(subject.page("consumers"));
  await eventually("as it is", async () => (await rows(page).first().innerText()).includes(text));
  assert.equal(await page.locator("main img").count(), 0);
  assert.ok(!(await page.title()).includes("owned"));
  await page.unrouteAll({ behavior: "wait" });
}

async function none({ page, subject }) {
  const { from } = subject;
  await page.goto(subject.page("consumers", { from: String(from - 90_000), to: String(from - 86_400) }));
  await page.getByText("sendry_sdk::set_consumer").waitFor();
}

async function newOnes({ page, subject }) {
  const { data, range } = await subject.read("consumers");
  const fresh = data.filter(one => one.first_seen_at >= range.from).length;
  await page.goto(subject.page("consumers"));
  const figures = page.locator(".consumer-overview dd");
  await eventually("three figures", async () => (await figures.count()) === 3);
  const shown = (await figures.allInnerTexts()).map(text => Number.parseInt(text.replaceAll(",", ""), 10));
  assert.deepEqual(shown, [data.length, fresh, data.length - fresh]);
}

async function groups({ page, subject }) {
  const { data } = await subject.read("consumers");
  const named = new Set(data.map(one => one.group));
  await page.goto(subject.page("consumers"));
  await page.getByRole("button", { name: "Groups", exact: true }).click();
  await eventually("a row per group", async () => (await page.locator(".groups tbody tr").count()) >= named.size);
  const counts = await page.locator(".groups .count-bar b").allInnerTexts();
  const truth = await subject.read("consumer-groups");
  assert.deepEqual(
    counts.map(text => Number(text.replaceAll(",", ""))),
    truth.data.map(one => one.requests),
  );
  await page.locator(".groups a").first().click();
  await eventually("a group leads to its consumers", async () => (await page.locator(".groups").count()) === 0);
}

/** A person asks to be forgotten: the name goes, the counts stay. */
async function forgotten({ page, subject }) {
  const { app_id, report, remove } = await newApp(subject);
  await report("prod", { identifier: "jane@example.com", name: "Jane Doe" }, 7);
  const list = () => subject.ask(`/apps/${app_id}/consumers?env=prod`);
  await eventually("the consumer is there", async () => (await list()).data[0]?.name === "Jane Doe");
  await page.goto(`/apps/${app_id}/consumers?env=prod&range=1h`);
  await rows(page).first().click();
  await page.getByRole("button", { name: "Forget…" }).click();
  await page.getByText("all its request logs, in every environment").waitFor();
  await page.getByRole("button", { name: "Forget the consumer" }).click();
  await page.getByText("The consumer is forgotten; 0 request logs were deleted").waitFor();
  await eventually("no name is left", async () => {
    const text = await page.locator("main").innerText();
    return !text.includes("Jane") && !text.includes("jane@");
  });
  const [left] = (await list()).data;
  assert.deepEqual([left.identifier, left.name, left.requests], [null, null, 7], "its counts stay");
  await rows(page)
    .first()
    .getByText(`forgotten ${left.consumer_id.slice(0, 8)}`)
    .waitFor();
  await remove();
}

/** Only admins of the app are offered it. */
async function unforgettable({ subject, browser }) {
  const editor = await newPerson(subject, "editor", subject.app.app_id);
  const { page, context } = await openPage(browser, editor);
  await page.goto(subject.page("consumers"));
  await rows(page).first().click();
  await page.getByRole("dialog").locator(".called li").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Forget…" }).count(), 0);
  await context.close();
}

export const tests = [
  { name: "new and returning consumers", run: newOnes },
  { name: "consumers in their groups", run: groups },
  { name: "a consumer has a drawer that leads to their traffic, and the filter goes along", run: toTraffic },
  { name: "a consumer is forgotten, and its counts stay", run: forgotten },
  { name: "an editor cannot have a consumer forgotten", run: unforgettable },
  { name: "a hostile consumer name is only ever text", run: hostile },
  { name: "a range without consumers says how to name them", run: none },
];
