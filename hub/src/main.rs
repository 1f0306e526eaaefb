fn main() -> anyhow::Result<()> {
    use std::io::Write;
    let document = sendry_hub::query::document().to_pretty_json()?;
    Ok(writeln!(std::io::stdout().lock(), "{document}")?)
}
