//! Open allowances: the list, and which of them a wish to revoke means.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use parlance_effects::AllowanceVia;
use serde_json::json;

use crate::{
    Wallet,
    chain::{
        ChainClient, ScanLimits,
        abi::Erc20,
        allowances::{self, OpenAllowance},
    },
    conversation::Event,
    error::{Result, WalletError},
    plan::resolve_recipient,
    tokens::format_amount,
};

mod permit2_abi {
    alloy_sol_types::sol! {
        /// Permit2 `AllowanceTransfer`.
        function approve(address token, address spender, uint160 amount, uint48 expiration);
    }
}
use permit2_abi::approveCall as permit2Call;

/// All open allowances, with what to say to take them back.
pub(super) async fn list(wallet: &Wallet, chain: Option<&str>) -> Result<Event> {
    let client = wallet.client(chain)?;
    let account = wallet.signer.account().await?;
    let scan = allowances::open(&client, &wallet.tokens, account, ScanLimits::default()).await?;
    let mut lines: Vec<String> = scan
        .open
        .iter()
        .map(|a| {
            let amount =
                if a.unlimited { format!("every {} you will ever have", a.token.symbol) } else { format_amount(a.amount, &a.token) };
            format!("{} may take {amount} ({})", spender_words(a), a.spender)
        })
        .collect();
    if lines.is_empty() {
        lines.push(format!("Nobody may take anything from this account on {}.", client.chain().title));
    } else {
        lines.push("Say for example \"revoke usdc\" or \"revoke uniswap\" to take them back.".into());
    }
    if !scan.complete {
        lines.push(format!("Blocks before {} were not searched; older allowances may exist.", scan.from_block));
    }
    Ok(Event::Say {
        text: lines.join("\n"),
        data: json!({ "allowances": scan.open, "complete": scan.complete, "chain": client.chain().name }),
    })
}

/// Those that fit `asset` and `spender`.
///
/// # Errors
/// [`WalletError::Ask`] with code `no_allowance` where none does.
pub(crate) async fn matching(
    wallet: &Wallet,
    client: &ChainClient,
    account: Address,
    asset: Option<&str>,
    spender: Option<&str>,
) -> Result<Vec<OpenAllowance>> {
    let token = match asset {
        Some(asset) => Some(wallet.token(client, asset).await?),
        None => None,
    };
    let contacts = match spender {
        Some(_) => wallet.signer.contacts().await?,
        None => Vec::new(),
    };
    let whom = match spender {
        Some(name) if wallet.known_contracts(client.chain().id, name).is_empty() => {
            Some(resolve_recipient(name, &contacts, client).await?.address)
        }
        _ => None,
    };
    let known: Vec<Address> =
        spender.map(|name| wallet.known_contracts(client.chain().id, name)).unwrap_or_default().into_iter().map(|(a, _)| a).collect();
    let scan = allowances::open(client, &wallet.tokens, account, ScanLimits::default()).await?;
    let found: Vec<OpenAllowance> = scan
        .open
        .into_iter()
        .filter(|a| token.as_ref().is_none_or(|t| t.kind == a.token.kind))
        .filter(|a| spender.is_none() || whom == Some(a.spender) || known.contains(&a.spender))
        .collect();
    if found.is_empty() {
        let what = token.map(|t| format!(" for {}", t.symbol)).unwrap_or_default();
        let who = spender.map(|s| format!(" of {s}")).unwrap_or_default();
        return Err(WalletError::Ask {
            code: "no_allowance",
            message: format!("There is no open allowance{what}{who} on {}.", client.chain().title),
            remedy: "Say \"show my allowances\" to see which there are.".into(),
        });
    }
    Ok(found)
}

/// The call that takes an allowance back.
///
/// # Errors
/// [`WalletError::Ask`] where the chain has no Permit2 although the allowance names it.
pub(crate) fn revocation(client: &ChainClient, allowance: &OpenAllowance) -> Result<(Address, Bytes)> {
    let token = allowance.token.address().ok_or_else(|| WalletError::Task("an allowance of the native coin".into()))?;
    Ok(match allowance.via {
        AllowanceVia::Erc20 | AllowanceVia::Eip2612 => {
            (token, Erc20::approveCall { spender: allowance.spender, amount: U256::ZERO }.abi_encode().into())
        }
        AllowanceVia::Permit2 => {
            let permit2 = client.chain().permit2.ok_or_else(|| WalletError::Ask {
                code: "no_permit2",
                message: format!("No Permit2 is known on {}.", client.chain().title),
                remedy: "Name its address in config.toml.".into(),
            })?;
            let call = permit2Call {
                token,
                spender: allowance.spender,
                amount: alloy_primitives::aliases::U160::ZERO,
                expiration: alloy_primitives::aliases::U48::ZERO,
            };
            (permit2, call.abi_encode().into())
        }
    })
}

/// The spender's name and how it may take.
pub(crate) fn spender_words(a: &OpenAllowance) -> String {
    let name = a.spender_label.clone().unwrap_or_else(|| "An unknown contract".into());
    match a.via {
        AllowanceVia::Permit2 => format!("{name} (through Permit2)"),
        _ => name,
    }
}
