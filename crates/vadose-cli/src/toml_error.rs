//! Errors of configuration files, for the person who wrote the file.

/// Below this similarity (0 to 1) an unknown key is not taken for a slip of a known one.
const MIN_SIMILARITY: f64 = 0.6;

/// A TOML error in one line: where it is, what is wrong, and for an unknown key the nearest known one.
pub(crate) fn explain(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let place = line
        .map(|line| format!("line {line}: "))
        .unwrap_or_default();
    format!("{place}{}", explain_message(error.message()))
}

/// Turns serde's "unknown field `a`, expected one of `b`, `c`" into a sentence that names the nearest key.
fn explain_message(message: &str) -> String {
    if let Some((unexpected, known)) = message
        .strip_prefix("unexpected keys in table: ")
        .and_then(|rest| rest.split_once(", available keys: "))
    {
        return explain_message(&format!(
            "unknown field `{unexpected}`, expected one of `{}`",
            known.replace(", ", "`, `")
        ));
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (true, Some(unknown)) = (message.starts_with("unknown field"), quoted.next()) else {
        return message.replace('\n', " ");
    };
    let known: Vec<&str> = quoted.collect();
    let similarity = |key: &str| strsim::jaro_winkler(unknown, key);
    let nearest = known
        .iter()
        .copied()
        .max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    match nearest {
        Some(key) if similarity(key) >= MIN_SIMILARITY => {
            format!("unknown key {unknown:?}; did you mean {key:?}?")
        }
        _ => format!("unknown key {unknown:?}; known here: {}", known.join(", ")),
    }
}
