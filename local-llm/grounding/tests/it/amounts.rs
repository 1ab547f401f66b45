use parlance_grounding::{Derivation, Kind};
use proptest::prelude::*;

use crate::{read, values};

fn amounts(text: &str) -> Vec<String> {
    values(&read(text), Kind::Amount)
}

#[test]
fn every_way_to_write_an_amount() {
    let cases: &[(&str, &[&str])] = &[
        ("send 50 usdc to bob", &["50"]),
        ("send $50 to bob", &["$50"]),
        ("send 50$ to bob", &["$50"]),
        ("send US$50 to bob", &["$50"]),
        ("send fifty bucks to bob", &["$50"]),
        ("send a grand to bob", &["$1000"]),
        ("send two grand to bob", &["$2000"]),
        ("send 2 grand to bob", &["$2000"]),
        ("send bob a tenner", &["$10"]),
        ("send bob 25 cents", &["$0.25"]),
        ("send 1.5k usdc to bob", &["1500"]),
        ("send $1.25M to bob", &["$1250000"]),
        ("send 1,250.50 usdc to bob", &["1250.50"]),
        ("send 1.250,50 usdc to bob", &["1250.50"]),
        ("send 12,50,000 usdc to bob", &["1250000"]),
        ("send 1 250 000 usdc to bob", &["1250000"]),
        ("send 1'250.5 usdc to bob", &["1250.5"]),
        ("send 0,5 eth to bob", &["0.5"]),
        ("send .5 eth to bob", &["0.5"]),
        ("send 0.00000 eth to bob", &["0.00000"]),
        ("send 0.10 eth to bob", &["0.10"]),
        ("swap half my eth", &["50%"]),
        ("swap half of my eth", &["50%"]),
        ("swap a quarter of my eth", &["25%"]),
        ("swap a third of my eth", &["33.33%"]),
        ("swap two thirds of my eth", &["66.66%"]),
        ("swap three quarters of my eth", &["75%"]),
        ("swap 1/4 of my eth", &["25%"]),
        ("send half an eth to bob", &["0.5"]),
        ("send 1/2 eth to bob", &["0.5"]),
        ("send two and a half eth to bob", &["2.5"]),
        ("send half a million usdc to bob", &["500000"]),
        ("swap ten percent of my eth", &["10%"]),
        ("swap 10 % of my eth", &["10%"]),
        ("swap 12.5pct of my eth", &["12.5%"]),
        ("sell everything", &["max"]),
        ("sell all my uni", &["max"]),
        ("sell all of my uni", &["max"]),
        ("bridge max usdc to base", &["max"]),
        ("swap my entire dai balance to eth", &["max"]),
        ("send 300000 gwei to bob", &["0.0003"]),
        ("send 1000000000000000 wei to bob", &["0.001"]),
        ("send 5000 sats to bob", &["0.00005"]),
        ("send 1e18 wei to bob", &["1"]),
        ("send one hundred and twenty three usdc to bob", &["123"]),
        ("send twenty-five usdc to bob", &["25"]),
        ("send one point five eth to bob", &["1.5"]),
        ("send a hundred usdc to bob", &["100"]),
        ("send bob point five eth", &["0.5"]),
        ("send oh point two five eth to bob", &["0.25"]),
        ("send zero point zero five eth to bob", &["0.05"]),
        ("send bob a couple hundred usdc", &["200"]),
        ("send bob a couple of thousand usdc", &["2000"]),
        ("send hundred usdc to bob", &["100"]),
        ("send 3 million pepe to bob", &["3000000"]),
        ("send a dozen usdc to bob", &["12"]),
        ("at least 5 lakh in my account", &["500000"]),
        ("show €500", &["€500"]),
        ("envía cincuenta usdc a bob", &["50"]),
        ("envía doscientos treinta y cinco usdc a bob", &["235"]),
        ("mándale dos mil usdc a bob", &["2000"]),
        ("vende la mitad de mi eth", &["50%"]),
        ("envoie quatre-vingt-dix usdc à bob", &["90"]),
        ("envoie soixante et onze usdc à bob", &["71"]),
        ("vends la moitié de mon eth", &["50%"]),
        ("schick bob fünfundzwanzig usdc", &["25"]),
        ("schick bob zweitausenddreihundert usdc", &["2300"]),
        ("verkauf die hälfte von meinem eth", &["50%"]),
        ("envie vinte e cinco usdc para bob", &["25"]),
        ("bob ko pachas usdc bhejo", &["50"]),
        ("bob ko do sau usdc bhejo", &["200"]),
        ("给 bob 转五十 usdc", &["50"]),
        ("给 bob 转两百五十 usdc", &["250"]),
        ("卖掉我的一半 eth", &["50%"]),
        ("send ５０ usdc to bob", &["50"]),
    ];
    for (text, expected) in cases {
        assert_eq!(amounts(text), *expected, "{text}");
    }
}

#[test]
fn what_is_no_amount() {
    for text in [
        "this one please",
        "at 9am",
        "10x long",
        "the 1st of march",
        "tx #42",
        "12/05/2026",
        "cancel all my stop losses",
        "list all contacts",
        "that's all",
        "for 6 months",
        "the last 7 days",
    ] {
        assert!(amounts(text).is_empty(), "{text}: {:?}", amounts(text));
    }
}

#[test]
fn a_converted_unit_names_its_asset() {
    let grounding = read("send 300000 gwei to bob");
    assert_eq!(values(&grounding, Kind::Token), ["ETH"]);
    assert_eq!(grounding.of(Kind::Amount).next().map(|s| s.mentions[0].how), Some(Derivation::Converted));
    assert_eq!(values(&read("send 100 sats to bob"), Kind::Token), ["BTC"]);
}

#[test]
fn a_number_that_two_conventions_read_differently_is_a_finding() {
    assert!(!read("envía 1.000 usdc a bob por favor").findings.two_ways.is_empty());
    assert!(!read("schick bob bitte 1,250 eth").findings.two_ways.is_empty());
    assert!(read("send 1,000 usdc to bob").findings.two_ways.is_empty());
    assert!(read("envía 1.000,50 usdc a bob por favor").findings.two_ways.is_empty());
}

#[test]
fn the_same_value_is_one_slot() {
    let grounding = read("approve uniswap for 400 dai and then swap 400 dai into usdc");
    assert_eq!(grounding.delexicalised(), "approve <P1> for <A1> <T1> and then swap <A1> <T1> into <T2>");
    assert_eq!(grounding.of(Kind::Amount).next().map(|s| s.mentions.len()), Some(2));
}

fn english(n: u64) -> String {
    const ONES: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let small = |n: u64| -> String {
        let tens = |n: u64| {
            if n < 20 {
                ONES[n as usize].to_owned()
            } else if n.is_multiple_of(10) {
                TENS[(n / 10) as usize].to_owned()
            } else {
                format!("{}-{}", TENS[(n / 10) as usize], ONES[(n % 10) as usize])
            }
        };
        match (n / 100, n % 100) {
            (0, r) => tens(r),
            (h, 0) => format!("{} hundred", ONES[h as usize]),
            (h, r) => format!("{} hundred and {}", ONES[h as usize], tens(r)),
        }
    };
    match (n / 1_000_000, n / 1000 % 1000, n % 1000) {
        (0, 0, r) => small(r),
        (0, t, 0) => format!("{} thousand", small(t)),
        (0, t, r) => format!("{} thousand {}", small(t), small(r)),
        (m, 0, 0) => format!("{} million", small(m)),
        (m, t, r) => format!("{} million {}", small(m), english(t * 1000 + r)),
    }
}

fn german(n: u64) -> String {
    const ONES: [&str; 20] = [
        "",
        "ein",
        "zwei",
        "drei",
        "vier",
        "fünf",
        "sechs",
        "sieben",
        "acht",
        "neun",
        "zehn",
        "elf",
        "zwölf",
        "dreizehn",
        "vierzehn",
        "fünfzehn",
        "sechzehn",
        "siebzehn",
        "achtzehn",
        "neunzehn",
    ];
    const TENS: [&str; 10] = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
    let tens = |n: u64| {
        if n < 20 {
            ONES[n as usize].to_owned()
        } else if n.is_multiple_of(10) {
            TENS[(n / 10) as usize].to_owned()
        } else {
            format!("{}und{}", ONES[(n % 10) as usize], TENS[(n / 10) as usize])
        }
    };
    let small = |n: u64| {
        if n >= 100 { format!("{}hundert{}", ONES[(n / 100) as usize], tens(n % 100)) } else { tens(n) }
    };
    if n >= 1000 { format!("{}tausend{}", small(n / 1000), small(n % 1000)) } else { small(n) }
}

proptest! {
    #[test]
    fn english_numbers_are_read_back(n in 2_u64..999_999_999) {
        prop_assert_eq!(amounts(&format!("send {} usdc to bob", english(n))), vec![n.to_string()]);
    }

    #[test]
    fn german_numbers_are_read_back(n in 2_u64..999_999) {
        prop_assert_eq!(amounts(&format!("schick bitte {} usdc an bob", german(n))), vec![n.to_string()]);
    }

    #[test]
    fn digits_are_kept_exactly(whole in 0_u64..10_000_000_000, fraction in "[0-9]{1,18}") {
        let plain = format!("{whole}.{fraction}");
        prop_assert_eq!(amounts(&format!("send {plain} eth to bob")), vec![plain.clone()]);
        prop_assert_eq!(amounts(&format!("send ${plain} of eth to bob")), vec![format!("${plain}")]);
    }

    #[test]
    fn separators_do_not_change_a_number(n in 1_000_u64..10_000_000_000_000) {
        let digits = n.to_string();
        let mut grouped = String::new();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(c);
        }
        prop_assert_eq!(amounts(&format!("send {grouped} usdc to bob")), vec![digits.clone()]);
        prop_assert_eq!(amounts(&format!("send {grouped}.25 usdc to bob")), vec![format!("{digits}.25")]);
        prop_assert_eq!(amounts(&format!("send {}.25 usdc to bob", grouped.replace(',', "_"))), vec![format!("{digits}.25")]);
    }
}

/// Said aloud, these could be another number: nothing is sent before it is asked.
#[test]
fn what_dictation_leaves_open_is_asked_about() {
    for text in [
        "send bob two fifty in usdc",
        "send bob nineteen ninety nine usdc",
        "send bob one oh five usdc",
        "send bob to thousand usdc",
        "send bob a few hundred usdc",
        "send several thousand usdc to bob",
    ] {
        let read = read(text);
        assert!(!read.findings.two_ways.is_empty(), "{text}: {:?}", values(&read, Kind::Amount));
        assert_eq!(values(&read, Kind::Amount).len(), 1, "{text}: one amount, and not a piece of it");
    }
    for text in ["send two hundred fifty usdc to bob", "send bob twenty five usdc", "at this point five usdc to bob is fine"] {
        assert!(read(text).findings.two_ways.is_empty(), "{text}");
    }
    assert_eq!(amounts("at this point five usdc to bob is fine"), ["5"]);
}
