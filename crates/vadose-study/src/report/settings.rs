//! Configurations as lists of names and values.

use std::collections::BTreeMap;

use serde_json::Value;

/// Names, as `train.loss.alpha`, and values.
pub(super) type Settings = BTreeMap<String, String>;

/// The settings of a TOML document.
pub(super) fn toml_settings(text: &str) -> Result<Settings, toml::de::Error> {
    Ok(settings(&toml::from_str(text)?))
}

/// The settings of a tree of values. Lists of plain values stand on one line.
pub(super) fn settings(tree: &Value) -> Settings {
    let mut settings = Settings::new();
    add(&mut settings, "", tree);
    settings
}

fn add(settings: &mut Settings, name: &str, value: &Value) {
    let inner = |key: &str| match name {
        "" => key.to_owned(),
        _ => format!("{name}.{key}"),
    };
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                add(settings, &inner(key), value);
            }
        }
        Value::Array(list)
            if list
                .iter()
                .any(|value| value.is_object() || value.is_array()) =>
        {
            for (index, value) in list.iter().enumerate() {
                add(settings, &inner(&(index + 1).to_string()), value);
            }
        }
        Value::Array(list) => {
            let words: Vec<String> = list.iter().map(plain).collect();
            settings.insert(name.to_owned(), words.join(", "));
        }
        _ => {
            settings.insert(name.to_owned(), plain(value));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}

/// What several configurations have in common, and the names of the settings in which they differ.
pub(super) fn compare(all: &[&Settings]) -> (Settings, Vec<String>) {
    let (mut common, mut different) = (Settings::new(), Vec::new());
    let names: std::collections::BTreeSet<&String> =
        all.iter().flat_map(|settings| settings.keys()).collect();
    for name in names {
        let mut values = all.iter().map(|settings| settings.get(name));
        let first = values.next().flatten();
        match first {
            Some(first) if values.all(|value| value == Some(first)) => {
                common.insert(name.clone(), first.clone());
            }
            _ => different.push(name.clone()),
        }
    }
    (common, different)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_settings_have_dotted_names() {
        let text = "seed = 1\nwidths = [4, 6]\n[train.loss]\nalpha = 0.5\nreduction = \"sum\"\n\
                    [[models]]\nname = \"a\"\n";
        let settings = toml_settings(text).unwrap();
        let lines: Vec<String> = settings.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            lines,
            [
                "models.1.name=a",
                "seed=1",
                "train.loss.alpha=0.5",
                "train.loss.reduction=sum",
                "widths=4, 6"
            ]
        );
    }

    #[test]
    fn what_one_lacks_is_a_difference() {
        let of = |text| toml_settings(text).unwrap();
        let (a, b) = (
            of("seed = 1\nalpha = 0.1"),
            of("seed = 2\nalpha = 0.1\nbeta = 3"),
        );
        let (common, different) = compare(&[&a, &b]);
        assert_eq!(common.keys().collect::<Vec<_>>(), ["alpha"]);
        assert_eq!(different, ["beta", "seed"]);
    }
}
