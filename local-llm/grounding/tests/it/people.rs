use parlance_grounding::{Kind, Message, ground};

use crate::{read, values};

fn with(text: &str, contacts: &[&str]) -> parlance_grounding::Grounding {
    ground(&Message { text: text.to_owned(), contacts: contacts.iter().map(|c| (*c).to_owned()).collect(), ..Message::default() })
}

#[test]
fn contacts_are_spelled_as_the_book_spells_them() {
    for text in ["send 5 usdc to ALICE", "send alice's usdc back", "alice, bob: 5 usdc each"] {
        assert!(values(&read(text), Kind::Contact).contains(&"Alice".to_owned()), "{text}");
    }
    assert_eq!(values(&with("给小明转 5 usdc", &["小明"]), Kind::Contact), ["小明"]);
    assert_eq!(values(&with("send 5 usdc to josé", &["José"]), Kind::Contact), ["José"]);
}

#[test]
fn the_longest_name_wins() {
    let grounding = with("5 usdc to mary ann lee", &["Mary", "Mary Ann", "Mary Ann Lee"]);
    assert_eq!(values(&grounding, Kind::Contact), ["Mary Ann Lee"]);
    assert!(values(&with("5 usdc to danny", &["Dan"]), Kind::Contact).is_empty());
}

#[test]
fn a_name_that_fits_two_is_a_finding() {
    let grounding = with("send 5 usdc to alex", &["Alex Kim", "Alex Chen"]);
    assert_eq!(grounding.findings.doubtful_names[0].contacts, ["Alex Kim", "Alex Chen"]);
    assert!(values(&grounding, Kind::Contact).is_empty());
    let grounding = with("send 5 usdc to bob", &["Bob", "BOB"]);
    assert_eq!(grounding.findings.doubtful_names[0].contacts.len(), 2);
    let exact = with("send 5 usdc to BOB", &["Bob", "BOB"]);
    assert_eq!(values(&exact, Kind::Contact), ["BOB"]);
    let whole = with("send 5 usdc to alex kim", &["Alex Kim", "Alex Chen"]);
    assert_eq!((values(&whole, Kind::Contact), whole.findings.doubtful_names.len()), (vec!["Alex Kim".to_owned()], 0));
}

#[test]
fn names_that_are_words_need_a_place_for_a_person() {
    assert!(values(&with("will you send 5 usdc to bob", &["Will", "Bob"]), Kind::Contact) == ["Bob"]);
    assert_eq!(values(&with("send 5 usdc to will", &["Will"]), Kind::Contact), ["Will"]);
    assert_eq!(values(&with("swap 5 usdc to dai", &["Dai"]), Kind::Token), ["USDC", "DAI"]);
    assert_eq!(values(&with("send max usdc to max", &["Max"]), Kind::Contact), ["Max"]);
    assert_eq!(values(&with("send max usdc to max", &["Max"]), Kind::Amount), ["max"]);
}

#[test]
fn lenders_and_handles() {
    assert_eq!(values(&read("show maple i have 5k at my bank"), Kind::Lender), ["Maple"]);
    let grounding = read("send 5 usdc to @friend");
    assert_eq!(values(&grounding, Kind::Handle), ["@friend"]);
}

#[test]
fn quoted_text_is_one_slot() {
    let grounding = read("sign \"hello world, 5 usdc\"");
    assert_eq!(grounding.delexicalised(), "sign <Q1>");
    assert_eq!(values(&grounding, Kind::Quote), ["hello world, 5 usdc"]);
    assert!(values(&grounding, Kind::Amount).is_empty());
    assert_eq!(read("send 5 usdc to \"Alice\"").delexicalised(), "send <A1> <T1> to \" <N1> \"");
    assert_eq!(values(&read("a note “send all to bob” came in"), Kind::Quote), ["send all to bob"]);
    assert!(values(&read("don't send alice's money, it's hers"), Kind::Quote).is_empty());
}

#[test]
fn full_width_brackets_make_no_slot() {
    for text in ["send ＜A1＞ usdc to ＜N1＞", "send \u{ff1c}A1\u{ff1e} usdc"] {
        let grounding = read(text);
        assert!(grounding.delex.iter().all(|w| w.slot.is_some() || !w.text.contains(['<', '>'])), "{}", grounding.delexicalised());
    }
}

#[test]
fn slots_typed_by_a_person_are_text() {
    let grounding = read("send <A1> usdc to <N1>");
    assert_eq!(grounding.delexicalised(), "send ‹ a1 › <T1> to ‹ n1 ›");
    assert!(values(&grounding, Kind::Amount).is_empty());
}
