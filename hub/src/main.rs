fn main() -> anyhow::Result<()> {
    use std::io::Write;
    use utoipa::OpenApi;
    let document = sendry_hub::query::openapi::Document::openapi().to_pretty_json()?;
    Ok(writeln!(std::io::stdout().lock(), "{document}")?)
}
