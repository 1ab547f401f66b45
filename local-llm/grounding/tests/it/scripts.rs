use parlance_grounding::Trick;

use crate::read;

#[test]
fn what_deceives_the_eye_is_found() {
    let cases = [
        ("send 5 us\u{200b}dc to bob", Trick::Hidden),
        ("send 5 usdc to \u{202e}bob", Trick::Reordering),
        ("send 5 usdc to \u{2066}bob\u{2069}", Trick::Reordering),
        ("send 5 usdc to bоb", Trick::MixedScript), // Cyrillic о
        ("send 5 USDС to bob", Trick::MixedScript), // Cyrillic С
        ("swap 5 usdc to ЕТН", Trick::LookAlike),   // all Cyrillic
        ("send 5 usdc to аlice.eth", Trick::MixedScript),
        ("buy 5 𝐄𝐓𝐇", Trick::LookAlike),
        ("send 5\u{ad} usdc to bob", Trick::Hidden),
        ("send 5 usdc to bob\u{e0041}", Trick::Hidden),
        ("pay https://gооgle.example/x", Trick::MixedScript),
        ("send 5 usdc to ｂｏｂ", Trick::LookAlike),
    ];
    for (text, trick) in cases {
        let grounding = read(text);
        assert!(grounding.findings.deceptions.iter().any(|d| d.trick == trick), "{text}: {:?}", grounding.findings.deceptions);
    }
}

#[test]
fn honest_scripts_are_left_alone() {
    for text in [
        "отправь Ане 5 usdc",
        "给小明转５０usdc，谢谢。",
        "envía 5 usdc a José por favor",
        "schick Jürgen 5 usdc, größer geht nicht",
        "send 5 usdc to bob 👨‍👩‍👧 ❤️",
        "अमन को 5 usdc भेजो",
        "στείλε 5 usdc στη Μαρία",
        "send 5 usdc to o'brien – it's “fine”",
    ] {
        assert!(read(text).findings.deceptions.is_empty(), "{text}: {:?}", read(text).findings.deceptions);
    }
}
