//! The owner's rules, as sentences, as forms and as Cedar text. Nothing here enacts one: that takes the signer's window.

use parlance_policy::{Finding, PACKS, PolicyError, RuleSet, Severity, propose};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    Wallet,
    error::{Result, WalletError},
    store::{Store, now},
};

/// Setting: versions of the rules that were seen.
const SEEN: &str = "rules_seen";
/// What the engine calls the owner's own text.
const OWN: &str = "own";
/// Most versions that are kept.
const VERSIONS: usize = 200;

/// The rules in force.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct RulesView {
    /// Rising with each change.
    pub version: u64,
    /// Name of the pack.
    pub pack: String,
    /// Cedar source of the pack.
    pub pack_source: String,
    /// Cedar source of the owner's own rules.
    pub own_source: String,
    /// The pack's rules in sentences.
    pub pack_rules: Vec<RuleRefView>,
    /// The owner's rules in sentences.
    pub own_rules: Vec<RuleRefView>,
    /// What is used of each limit.
    pub limits: Vec<Gauge>,
}

/// A limit and what is used of it, micro-USD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Gauge {
    /// In words.
    pub label: String,
    /// Used.
    pub used: u64,
    /// Limit.
    pub limit: u64,
}

/// A rule, by name and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename = "RuleRef")]
pub struct RuleRefView {
    /// `@id` of the policy.
    pub id: String,
    /// Plain sentence.
    pub sentence: String,
}

/// What is to be said of a text of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RulesCheck {
    /// True where the signer would take it, were it proposed.
    pub ok: bool,
    /// What is wrong, and what is worth a look.
    pub problems: Vec<RuleProblem>,
    /// The rules in sentences, where the text can be read.
    pub rules: Vec<RuleRefView>,
}

/// Something that is wrong with a text of rules, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RuleProblem {
    /// How bad.
    pub severity: RuleSeverity,
    /// From this UTF-16 offset.
    pub from: u32,
    /// To this one; the end of the word there.
    pub to: u32,
    /// Line, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RuleSeverity {
    /// The rules are not taken.
    Error,
    /// Worth a look.
    Warning,
}

/// A rule as a form.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct RuleFormView {
    /// What it does.
    pub effect: FormEffectView,
    /// What it is about.
    pub action: FormActionView,
    /// Of which asset.
    pub asset: Option<String>,
    /// To whom: a contact or an address.
    pub to: Option<String>,
    /// Over how much: `$200`, or `0.5` of the asset.
    pub over: Option<String>,
    /// Per what.
    pub per: Option<FormPerView>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the vocabulary's own")]
pub enum FormEffectView {
    Allow,
    Ask,
    Forbid,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the vocabulary's own")]
pub enum FormActionView {
    Send,
    Swap,
    Approve,
    X402,
    Any,
}

/// Over which time a rule counts.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the vocabulary's own")]
pub enum FormPerView {
    Tx,
    Day,
    Week,
    Month,
}

/// What a form stands for.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct RuleDraft {
    /// `@id` of the rule.
    pub id: String,
    /// In a sentence, derived from the source.
    pub sentence: String,
    /// Cedar source of the rule.
    pub source: String,
    /// The owner's own rules with it.
    pub whole: String,
}

/// A rule pack.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct PackView {
    /// Name.
    pub name: String,
    /// For whom it is.
    pub summary: String,
    /// Cedar source.
    pub source: String,
    /// Its rules in sentences.
    pub rules: Vec<RuleRefView>,
    /// True for the one in force.
    pub in_force: bool,
}

/// A version of the rules that this wallet has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RulesVersion {
    /// Version.
    pub version: u64,
    /// Name of the pack.
    pub pack: String,
    /// Cedar source of the owner's own rules.
    pub own_source: String,
    /// When it was seen first, Unix seconds.
    pub seen: u64,
}

/// A word of the rule language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SchemaWord {
    /// As it is written.
    pub word: String,
    /// What it is.
    pub kind: WordKind,
    /// Its Cedar type.
    #[serde(rename = "type")]
    pub type_: String,
    /// What it means.
    pub info: String,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum WordKind {
    Attribute,
    Action,
    Entity,
    Keyword,
    Method,
}

/// The rules in force; a version that was not seen before is kept for the history.
///
/// # Errors
/// Signer and store errors.
pub async fn rules(wallet: &Wallet) -> Result<RulesView> {
    let in_force = wallet.signer.rules().await?;
    let status = wallet.signer.status().await?;
    remember(&wallet.store, in_force.version, &in_force.pack, &in_force.own_source)?;
    let own = sentences(&in_force.own_source).unwrap_or_default();
    let (own_rules, pack_rules) = in_force
        .sentences
        .into_iter()
        .map(|r| RuleRefView { id: r.id, sentence: r.sentence })
        .partition(|r: &RuleRefView| own.iter().any(|o| o.id == r.id));
    Ok(RulesView {
        version: in_force.version,
        pack: in_force.pack,
        pack_source: in_force.pack_source,
        own_source: in_force.own_source,
        pack_rules,
        own_rules,
        limits: status.limits.into_iter().map(|l| Gauge { label: l.label, used: l.used, limit: l.limit }).collect(),
    })
}

/// What the signer would say of `source` as the owner's own rules, together with the pack of that name.
#[must_use]
pub fn rules_check(pack: &str, source: &str) -> RulesCheck {
    match RuleSet::with_pack(pack, source) {
        Ok(set) => RulesCheck {
            ok: true,
            problems: set.warnings().iter().filter(|f| f.source == OWN).map(|f| problem(source, f)).collect(),
            rules: sentences(source).unwrap_or_default(),
        },
        Err(e) => {
            let mut problems: Vec<RuleProblem> = e.findings().iter().map(|f| problem(source, f)).collect();
            if problems.is_empty() {
                let (message, help) = (e.to_string(), Some(e.remedy()));
                problems.push(RuleProblem { severity: RuleSeverity::Error, from: 0, to: 0, line: 1, message, help });
            }
            RulesCheck { ok: false, problems, rules: sentences(source).unwrap_or_default() }
        }
    }
}

/// One way to lay out rules.
///
/// # Errors
/// [`WalletError::Ask`] where the text is no Cedar.
pub fn rules_format(source: &str) -> Result<String> {
    parlance_policy::format(source).map_err(|e| ask(&e))
}

/// What a filled form stands for; nothing is proposed.
///
/// # Errors
/// [`WalletError::Ask`] where a field or the whole makes no rule; signer errors.
pub async fn rules_form(wallet: &Wallet, form: &RuleFormView) -> Result<RuleDraft> {
    let in_force = wallet.signer.rules().await?;
    let chain = wallet.current_chain()?.id;
    let stable = |symbol: &str| wallet.tokens.resolve(chain, symbol).is_ok_and(|t| t.usd_stable);
    let said = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let (asset, to, over) = (said(&form.asset).map(|a| a.to_uppercase()), said(&form.to), said(&form.over));
    let per = form.per.as_ref().map(word).transpose()?;
    let proposal = propose::RuleForm::from_words(
        &word(&form.effect)?,
        &word(&form.action)?,
        asset.as_deref(),
        to.as_deref(),
        over.as_deref(),
        per.as_deref(),
        stable,
    )
    .and_then(|form| form.propose())
    .map_err(|e| ask(&e))?;
    let whole = propose::add(&in_force.own_source, &proposal);
    Ok(RuleDraft { id: proposal.id, sentence: proposal.sentence, source: proposal.source, whole })
}

/// All packs.
///
/// # Errors
/// Signer errors; [`WalletError::Ask`] where a shipped pack can't be read, which its tests rule out.
pub async fn rules_packs(wallet: &Wallet) -> Result<Vec<PackView>> {
    let in_force = wallet.signer.rules().await?.pack;
    PACKS
        .iter()
        .map(|pack| {
            Ok(PackView {
                name: pack.name.into(),
                summary: pack.about.into(),
                source: pack.source.into(),
                rules: sentences(pack.source).map_err(|e| ask(&e))?,
                in_force: pack.name == in_force,
            })
        })
        .collect()
}

/// Versions that were seen, the latest first.
///
/// # Errors
/// Store errors.
pub fn rules_history(wallet: &Wallet) -> Result<Vec<RulesVersion>> {
    let mut seen: Vec<RulesVersion> = wallet.store.setting(SEEN)?.unwrap_or_default();
    seen.reverse();
    Ok(seen)
}

/// Words of the rule language, from the schema itself: attributes of the context as `context.a.b`, actions, entities; and
/// the language's own.
#[must_use]
pub fn rules_words() -> Vec<SchemaWord> {
    let mut words: Vec<SchemaWord> = KEYWORDS
        .iter()
        .map(|(word, info)| SchemaWord { word: (*word).into(), kind: WordKind::Keyword, type_: String::new(), info: (*info).into() })
        .collect();
    words.extend(METHODS.iter().map(|(word, info)| SchemaWord {
        word: (*word).into(),
        kind: WordKind::Method,
        type_: String::new(),
        info: (*info).into(),
    }));
    words.extend(parlance_policy::schema_words().into_iter().map(|w| SchemaWord {
        word: w.word,
        kind: match w.kind {
            parlance_policy::SchemaKind::Attribute => WordKind::Attribute,
            parlance_policy::SchemaKind::Action => WordKind::Action,
            parlance_policy::SchemaKind::Entity => WordKind::Entity,
        },
        type_: w.type_,
        info: w.info,
    }));
    words
}

const KEYWORDS: &[(&str, &str)] = &[
    ("permit", "Allows what fits, at the level of approval that it names."),
    ("forbid", "Refuses what fits, whatever permits say."),
    ("when", "The condition under which the rule counts."),
    ("unless", "The condition under which the rule does not count."),
    ("principal", "The account that pays."),
    ("action", "What is done."),
    ("resource", "What it is done to: an asset or a contract."),
    ("context", "Everything else that the signer knows: amounts, recipient, time, what was spent."),
    ("has", "True where an optional field is there."),
    ("like", "Compares text with a pattern; * stands for anything."),
    ("in", "True where the left side is the right one or belongs to it."),
    ("is", "True where an entity is of that type."),
    ("if", "if … then … else …"),
    ("then", "if … then … else …"),
    ("else", "if … then … else …"),
    ("true", "Always."),
    ("false", "Never."),
    ("datetime", "A moment: datetime(\"2026-12-31\") or with a time of day and zone."),
    ("duration", "A length of time: duration(\"1d2h\")."),
];

const METHODS: &[(&str, &str)] = &[
    ("contains", "True where the set has the value."),
    ("containsAll", "True where the set has all the values."),
    ("containsAny", "True where the set has one of the values."),
    ("isEmpty", "True where the set is empty."),
    ("hasTag", "True where the entity or record of arguments has a tag of that name."),
    ("getTag", "The tag of that name; ask hasTag first."),
    ("offset", "The moment so much later; earlier with a negative duration."),
    ("durationSince", "How long it is since another moment."),
    ("toDate", "The beginning of the day, UTC."),
    ("toTime", "How long since the day began, UTC."),
];

fn remember(store: &Store, version: u64, pack: &str, own_source: &str) -> Result<()> {
    let mut seen: Vec<RulesVersion> = store.setting(SEEN)?.unwrap_or_default();
    if seen.last().is_some_and(|last| last.version == version && last.pack == pack && last.own_source == own_source) {
        return Ok(());
    }
    seen.push(RulesVersion { version, pack: pack.to_owned(), own_source: own_source.to_owned(), seen: now() });
    let over = seen.len().saturating_sub(VERSIONS);
    seen.drain(..over);
    store.set(SEEN, &seen)
}

fn sentences(source: &str) -> Result<Vec<RuleRefView>, PolicyError> {
    let set = RuleSet::check(OWN, source)?;
    Ok(set.sentences().into_iter().map(|r| RuleRefView { id: r.id, sentence: r.sentence }).collect())
}

/// Line and column in characters as UTF-16 offsets: what Cedar marks of that line, or else the word there.
fn problem(source: &str, finding: &Finding) -> RuleProblem {
    let (line, column) = (finding.line.unwrap_or(1), finding.column.unwrap_or(1));
    let utf16 = |text: &str| text.encode_utf16().count();
    let before: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(utf16).sum();
    let row = source.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let start: String = row.chars().take(column.saturating_sub(1)).collect();
    let rest = row.get(start.len()..).unwrap_or_default();
    let word = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
    let marked: String = rest.trim_end().chars().take(finding.length.unwrap_or(word).max(1)).collect();
    let from = before + utf16(&start);
    let to = from + utf16(&marked);
    // A place in the pack is none in this text.
    let known = finding.line.is_some() && finding.source == OWN;
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    RuleProblem {
        severity: match finding.severity {
            Severity::Error => RuleSeverity::Error,
            Severity::Warning => RuleSeverity::Warning,
        },
        from: narrow(if known { from } else { 0 }),
        to: narrow(if known { to } else { 0 }),
        line: narrow(if known { line } else { 1 }),
        message: finding.message.clone(),
        help: finding.help.clone(),
    }
}

/// A field as the vocabulary spells it.
fn word(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value).map_err(WalletError::json("a form's field"))? {
        serde_json::Value::String(word) => Ok(word),
        _ => Err(WalletError::Task("a form's field is not a word".into())),
    }
}

fn ask(e: &PolicyError) -> WalletError {
    WalletError::Ask { code: "rule", message: e.to_string(), remedy: e.remedy() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PACKET: &str =
        "// Päckchen\n@id(\"parcel\")\nforbid (principal, action == Action::\"send\", resource)\nwhen { context.usdd > 20000000 };\n";

    #[test]
    fn problems_point_at_the_word_in_utf16() {
        let check = rules_check("cautious", PACKET);
        assert!(!check.ok);
        let found = &check.problems[0];
        assert_eq!(pointed(PACKET, found), "context.usdd");
        assert_eq!(found.line, 4);
        assert!(found.help.as_ref().is_some_and(|help| help.contains("usd")), "{found:?}");
    }

    #[test]
    fn a_name_that_is_taken_is_pointed_at() {
        let twice = format!("{0}{0}", PACKET.replace("usdd", "usd"));
        let check = rules_check("cautious", &twice);
        assert!(!check.ok);
        assert_eq!(pointed(&twice, &check.problems[0]), "@id(\"parcel\")");
        assert_eq!(check.problems[0].line, 6);
    }

    /// The text between a problem's offsets.
    fn pointed(source: &str, found: &RuleProblem) -> String {
        let units: Vec<u16> = source.encode_utf16().collect();
        String::from_utf16(&units[found.from as usize..found.to as usize]).expect("offsets between characters")
    }

    #[test]
    fn a_good_rule_is_said_in_a_sentence() {
        let check = rules_check("cautious", &PACKET.replace("usdd", "usd"));
        assert!(check.ok, "{check:?}");
        assert_eq!(check.rules.len(), 1);
        assert!(check.rules[0].sentence.contains("$20"), "{}", check.rules[0].sentence);
    }

    #[test]
    fn words_name_what_the_schema_has() {
        let words = rules_words();
        let info = |word: &str| words.iter().find(|w| w.word == word).unwrap_or_else(|| panic!("no {word}"));
        assert_eq!(info("context.usd").kind, WordKind::Attribute);
        assert_eq!(info("context.approval").type_, "Long");
        assert_eq!(info("Action::\"send\"").kind, WordKind::Action);
        assert!(!info("context.approval").info.is_empty());
    }

    #[test]
    fn the_languages_own_words_are_ones_that_rules_can_use() {
        let uses = [
            "context.numbers.hasTag(\"chain\") && context.numbers.getTag(\"chain\") == 0",
            "context.now.offset(duration(\"1d2h\")) > datetime(\"2026-12-31\")",
            "context.now.toTime() < duration(\"8h\") && context.now.toDate().durationSince(context.now) < duration(\"0h\")",
            "[\"saturday\"].contains(context.weekday) && [\"a\"].containsAll([\"a\"]) && [\"a\"].containsAny([\"a\"]) && ![\"a\"].isEmpty()",
        ];
        for used in uses {
            let check =
                rules_check("cautious", &format!("@id(\"x\") forbid (principal, action == Action::\"send\", resource) when {{ {used} }};"));
            assert!(check.ok, "{used}: {:?}", check.problems);
        }
        let named = METHODS.iter().filter(|(word, _)| uses.iter().any(|used| used.contains(&format!("{word}(")))).count();
        assert_eq!(named, METHODS.len(), "each is tried here");
    }

    #[test]
    fn each_version_is_kept_once() {
        let store = Store::in_memory().expect("a store");
        for (version, own) in [(1, "a"), (1, "a"), (2, "b"), (3, "a")] {
            remember(&store, version, "cautious", own).expect("kept");
        }
        let seen: Vec<RulesVersion> = store.setting(SEEN).expect("read").expect("there");
        assert_eq!(seen.iter().map(|v| (v.version, v.own_source.as_str())).collect::<Vec<_>>(), [(1, "a"), (2, "b"), (3, "a")]);
    }

    proptest! {
        #[test]
        fn offsets_always_lie_between_characters_of_the_text(source in texts()) {
            let boundaries: Vec<usize> = std::iter::once(0)
                .chain(source.chars().scan(0, |at, c| {
                    *at += c.len_utf16();
                    Some(*at)
                }))
                .collect();
            for found in rules_check("cautious", &source).problems {
                prop_assert!(found.from <= found.to);
                for at in [found.from, found.to] {
                    prop_assert!(boundaries.contains(&(at as usize)), "{found:?} in {source:?}");
                }
                let line = source.encode_utf16().take(found.from as usize).filter(|unit| *unit == u16::from(b'\n')).count();
                prop_assert_eq!(found.line as usize, if found.from == found.to { found.line as usize } else { line + 1 });
            }
        }
    }

    /// Anything at all, and rules with something strange put into the midst of them.
    fn texts() -> impl Strategy<Value = String> {
        let spoilt = (0..=PACKET.chars().count(), "(?s).{0,12}").prop_map(|(at, strange)| {
            let (before, after): (Vec<_>, Vec<_>) = PACKET.chars().enumerate().partition(|(i, _)| *i < at);
            let text = |chars: Vec<(usize, char)>| chars.into_iter().map(|(_, c)| c).collect::<String>();
            format!("{}{strange}{}", text(before), text(after))
        });
        prop_oneof!["(?s).{0,200}", spoilt]
    }
}
