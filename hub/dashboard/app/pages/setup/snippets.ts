/** The lines that connect an app: the same as in the READMEs of the SDK crates. */

export interface Snippet {
  title: string;
  code: string;
}

export interface Framework {
  key: string;
  label: string;
  snippets: Snippet[];
}

export const FRAMEWORKS: readonly Framework[] = [
  {
    key: "axum",
    label: "axum",
    snippets: [
      { title: "Add the crate", code: "cargo add sendry-sdk-axum" },
      {
        title: "Instrument the app, last: after all routes and layers",
        code: `use sendry_sdk_axum::Sendry;

let sendry = Sendry::builder().build()?;
let app = sendry_sdk_axum::instrument(app, &sendry); // app: your Router`,
      },
      { title: "At the end of main, report the last seconds", code: "sendry.shutdown().await?;" },
    ],
  },
  {
    key: "actix",
    label: "actix-web",
    snippets: [
      { title: "Add the crate", code: "cargo add sendry-sdk-actix" },
      {
        title: "Wrap the app, last: the last wrap is the outermost",
        code: `use sendry_sdk_actix::{Sendry, SendryMiddleware};

let sendry = Sendry::builder().build()?;
HttpServer::new(move || App::new() /* your routes */ .wrap(SendryMiddleware::new(&sendry)))`,
      },
      { title: "At the end of main, report the last seconds", code: "sendry.shutdown().await?;" },
    ],
  },
  {
    key: "tower",
    label: "Any tower service",
    snippets: [
      { title: "Add the crate", code: "cargo add sendry-sdk" },
      {
        title: "Wrap the service; the function tells the template of a request’s route, never its path",
        code: `use sendry_sdk::Sendry;

let sendry = Sendry::builder().build()?;
let service = ServiceBuilder::new()
    .layer(sendry.layer(|request| request.uri.path().starts_with("/orders/").then_some("/orders/{id}")))
    .service(service);`,
      },
      { title: "At the end of main, report the last seconds", code: "sendry.shutdown().await?;" },
    ],
  },
];

export const KEY_PLACE = "<write key>";

/** The environment variables; a key that is not known any more is named by its place. */
export function environmentLines(writeKey: string | null, hubUrl: string): string {
  return `SENDRY_WRITE_KEY=${writeKey ?? KEY_PLACE}\nSENDRY_HUB_URL=${hubUrl}\nSENDRY_ENV=prod`;
}
