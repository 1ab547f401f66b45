use parlance_grounding::Kind;

use crate::{read, values};

#[test]
fn periods() {
    let cases = [
        ("what did i spend today", "today"),
        ("spent on gas last week", "last_week"),
        ("history for the past 7 days", "7d"),
        ("history for the last seven days", "7d"),
        ("last two weeks please", "14d"),
        ("list 30d", "30d"),
        ("in march 2026", "2026-03"),
        ("in 2026-03", "2026-03"),
        ("03/2026", "2026-03"),
        ("gasto de la semana pasada", "last_week"),
        ("ausgaben letzten monat", "last_month"),
        ("dépenses de la semaine dernière", "last_week"),
        ("上个月的交易", "last_month"),
        ("so far this year", "this_year"),
    ];
    for (text, expected) in cases {
        assert_eq!(values(&read(text), Kind::Period), [expected], "{text}");
    }
    assert!(values(&read("on 2026-03-05"), Kind::Period).is_empty(), "a day is no period");
    assert!(values(&read("in march"), Kind::Period).is_empty(), "which year is not said");
}

#[test]
fn recurrences() {
    let cases = [
        ("every friday buy eth", "friday"),
        ("buy eth daily", "day"),
        ("each monday at 9", "monday"),
        ("fridays at noon", "friday"),
        ("every 6 hours", "6h"),
        ("hourly", "1h"),
        ("on the 1st of every month", "1st"),
        ("every month on the 15th", "15th"),
        ("monthly on the 3rd", "3rd"),
        ("the 22nd of each month", "22nd"),
        ("every 5th", "5th"),
        ("cada viernes", "friday"),
        ("jeden freitag", "friday"),
        ("tous les vendredis", "friday"),
        ("har mahine ki 10 tareekh", "10th"),
        ("每周五买 eth", "friday"),
        ("每月5号", "5th"),
    ];
    for (text, expected) in cases {
        assert_eq!(values(&read(text), Kind::Every), [expected], "{text}");
    }
    for text in ["every other week", "every 2 weeks", "every weekday", "biweekly", "every quarter"] {
        let grounding = read(&format!("buy 5 usdc of eth {text}"));
        assert!(values(&grounding, Kind::Every).is_empty(), "{text}");
        assert_eq!(values(&grounding, Kind::Relative).len(), 1, "{text}");
    }
    assert!(values(&read("my daily limit is 50"), Kind::Every).is_empty());
    assert!(values(&read("i'll do it friday"), Kind::Every).is_empty());
}

#[test]
fn times_of_day() {
    let cases = [
        ("every day at 9", "09:00"),
        ("every day at 9am", "09:00"),
        ("every day at 9:30 pm", "21:30"),
        ("every friday at noon", "12:00"),
        ("every friday at midnight", "00:00"),
        ("every friday evening at 8", "20:00"),
        ("every friday at 21:15", "21:15"),
        ("every day at 12am", "00:00"),
        ("every day at 12 pm", "12:00"),
        ("jeden freitag um 9 uhr", "09:00"),
        ("cada viernes a las 10", "10:00"),
    ];
    for (text, expected) in cases {
        assert_eq!(values(&read(text), Kind::Clock), [expected], "{text}");
    }
    assert!(values(&read("sell eth at 9"), Kind::Clock).is_empty(), "a price");
    assert!(values(&read("every day at 25"), Kind::Clock).is_empty());
}
