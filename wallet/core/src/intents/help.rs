//! How do I...: short texts with examples that work as they stand.

use serde_json::json;

use crate::conversation::Event;

/// Topic and text. The first is the answer to "what can you do".
const TOPICS: &[(&str, &str)] = &[
    (
        "",
        "\
I turn sentences into transactions; your own rules decide whether the signer asks you first. For example:
  shoot alice fifty bucks in usdc          wrap half my eth
  send 0.01 eth to 0x... on base           let uniswap spend 100 usdc
  what have I got                          show my allowances
  what did I spend on gas last week        never let more than $200 a day leave
  speed it up / cancel the transaction     lock
  show Maple I have at least ten grand     lend me 500 usdc
Topics: send, swap, rules, backup, contacts, fees, networks, privacy, hardware, x402, agents, proofs, loans, automations.",
    ),
    (
        "send",
        "\
\"send 20 usdc to alice\", \"send $50 of eth to 0x...\", \"send half my dai to bob and carol, split\". Amounts are units, dollars,
a percentage or max (all of it less the fee). You see a preview first; the signer asks you where your rules say so.",
    ),
    ("swap", "Exchanging assets is not there yet. Wrapping is: \"wrap 0.5 eth\", \"unwrap all my weth\"."),
    (
        "rules",
        "\
Rules decide what is signed without asking, with a yes, with your password, or never. \"show my rules\" lists them.
\"ask me before more than $100 a day leaves\" proposes one: you see it as a sentence and as source, and only your answer in the
signer's own prompt puts it in force. `parlance rules check FILE` and `test DIR` work on rule files.",
    ),
    (
        "backup",
        "\
The phrase is shown once, when the wallet is made, and again with `parlance vault export`, in the signer's own prompt.
It does not hold rules and contacts: `parlance vault backup` writes those too, encrypted. I never see or say a phrase.",
    ),
    (
        "contacts",
        "\"add alice 0x...\", \"contacts\", \"remove alice\". A new contact waits 24 hours before anything goes there without asking.",
    ),
    ("fees", "\"what are the fees on base\" shows slow, normal and fast. What is signed is a ceiling; usually less is paid."),
    (
        "networks",
        "Ethereum, Base, Arbitrum, Optimism, Polygon, Sepolia, and what you add in config.toml. \"use base\" switches; \"... on base\" means it once.",
    ),
    (
        "privacy",
        "\
The language model runs on this computer and sees nothing else than your message. Balances and prices are asked of the
network endpoints in your settings: they see your addresses. Nothing is sent anywhere else.",
    ),
    ("hardware", "Hardware keys are not there yet. Rules at level 3 refuse until then."),
    ("x402", "Paying for web resources is not there yet."),
    ("agents", "Agents (ERC-8004) are not there yet."),
    (
        "proofs",
        "\
\"show Maple I have at least 10000 at my bank\" proves to a lender that your balance is at least that much, and not how much it is.
Your bank is asked through a notary, with a token that stays in the keyring of this computer; the proof is made here and takes
seconds. The lender learns the bank, the time, and what the proof's card lists. \"cancel\" stops it.
`parlance lenders add https://...` and `parlance banks add starling` come first; the local world has both.",
    ),
    (
        "loans",
        "\
\"lend me 500 usdc\" asks a lender for a credit line: without collateral, on a proof of your bank balance. You see the terms before you
sign. \"draw 200 usdc\", \"repay 100\", \"repay all\", \"how are my loans\". What you draw costs interest, and a payment is due each cycle; what
is late is told.",
    ),
    ("automations", "Schedules and price triggers are not there yet."),
];

pub(super) fn help(topic: Option<&str>) -> Event {
    let wanted = topic.unwrap_or_default();
    let (name, text) = TOPICS.iter().find(|(name, _)| *name == wanted).unwrap_or(&TOPICS[0]);
    Event::Say { text: (*text).to_owned(), data: json!({ "topic": name }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_of_the_vocabulary_has_a_text() {
        for topic in parlance_grounding::fields::TOPICS {
            let Event::Say { data, .. } = help(Some(topic)) else { panic!("words") };
            assert_eq!(data["topic"], topic);
        }
    }
}
