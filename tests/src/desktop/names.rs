//! How a person finds things on a page: by what they are and what they are called. Pure.

/// The innermost elements in which a text is read.
#[must_use]
pub fn text(words: &str) -> String {
    let has = format!("contains(normalize-space(.), {})", quoted(words));
    format!("//body//*[not(self::script or self::style)][{has}][not(*[{has}])]")
}

/// An element by its role and its accessible name: its label, or the words on it.
#[must_use]
pub fn role(role: &str, name: &str) -> String {
    let name = quoted(name);
    format!("//{}[@aria-label={name} or (not(@aria-label) and normalize-space(.)={name})]", of_role(role))
}

/// An element of a role in whose name the words occur.
#[must_use]
pub fn role_with(role: &str, words: &str) -> String {
    let words = quoted(words);
    format!("//{}[contains(@aria-label, {words}) or contains(normalize-space(.), {words})]", of_role(role))
}

/// The field with that label.
#[must_use]
pub fn field(label: &str) -> String {
    let label = quoted(label);
    format!("//*[self::input or self::textarea or self::select][@id=//label[normalize-space(.)={label}]/@for or @aria-label={label}]")
}

/// What was said last in the chat and all that came of it.
#[must_use]
pub fn last_turn(words: &str) -> String {
    format!("//*[@role='log']/article[last()][contains(normalize-space(.), {})]", quoted(words))
}

/// Elements that have a role by themselves, and those that were given it.
fn of_role(role: &str) -> String {
    let by_themselves = match role {
        "button" => "self::button",
        "heading" => "self::h1 or self::h2 or self::h3",
        "listitem" => "self::li",
        "status" => "self::output",
        "navigation" => "self::nav",
        "region" => "self::section",
        _ => "false()",
    };
    format!("*[@role={} or (not(@role) and ({by_themselves}))]", quoted(role))
}

/// A text as an XPath literal.
fn quoted(text: &str) -> String {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => format!("'{text}'"),
        (true, false) => format!("\"{text}\""),
        (true, true) => {
            let parts: Vec<String> = text.split('\'').map(|p| format!("'{p}'")).collect();
            format!("concat({})", parts.join(", \"'\", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_can_be_looked_for() {
        assert_eq!(quoted("Send"), "'Send'");
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("a'b\"c"), "concat('a', \"'\", 'b\"c')");
    }

    #[test]
    fn roles_are_given_or_come_with_the_element() {
        assert_eq!(of_role("tab"), "*[@role='tab' or (not(@role) and (false()))]");
        assert!(role("button", "Send").starts_with("//*[@role='button' or (not(@role) and (self::button))]"));
        assert!(role("button", "Send").contains("@aria-label='Send'"), "a label counts before words");
        assert!(role_with("heading", "it's").contains("contains(normalize-space(.), \"it's\")"));
    }
}
