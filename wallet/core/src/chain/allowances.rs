//! Who may take what: open ERC-20 and Permit2 allowances of an account.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolEvent};
use parlance_effects::AllowanceVia;
use serde::{Deserialize, Serialize};

use super::abi::{Erc20, Permit2};
use super::client::{ChainClient, word};
use super::scan::ScanLimits;
use super::wire::Call;
use crate::error::Result;
use crate::store::now;
use crate::tokens::{Token, TokenBook};

/// Allowances that are asked for in one scan.
const MAX_ASKED: usize = 400;

/// An allowance that is open now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAllowance {
    /// Of which token.
    pub token: Token,
    /// Who may take.
    pub spender: Address,
    /// Name of the spender, where the registry knows the contract.
    pub spender_label: Option<String>,
    /// In the smallest unit.
    pub amount: U256,
    /// True where it is at least half of what the type can hold: all that the account will ever have.
    pub unlimited: bool,
    /// When it ends, Unix seconds (Permit2).
    pub expires: Option<u64>,
    /// By which mechanism.
    pub via: AllowanceVia,
}

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowanceScan {
    /// Those that are open, ERC-20 first, then by token and spender.
    pub open: Vec<OpenAllowance>,
    /// True where the whole chain was looked at; otherwise older allowances may exist.
    pub complete: bool,
    /// The oldest block that was looked at.
    pub from_block: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pair {
    Erc20 { token: Address, spender: Address },
    Permit2 { token: Address, spender: Address },
}

/// Open allowances of `owner`: pairs from `Approval` logs within the limits, amounts from the contracts as they are now. Known
/// tokens are also asked for the registry's routers and Permit2 themselves, however old the approval.
pub async fn open(client: &ChainClient, book: &TokenBook, owner: Address, limits: ScanLimits) -> Result<AllowanceScan> {
    let named = B256::left_padding_from(owner.as_slice());
    let logs = client.scan([Some(Erc20::Approval::SIGNATURE_HASH), Some(named), None], limits).await?;
    let mut scan = AllowanceScan { open: Vec::new(), complete: logs.complete, from_block: logs.from_block };
    let mut pairs = BTreeSet::new();
    for log in &logs.logs {
        // NFTs have a third indexed argument.
        if let [_, _, spender] = log.topics() {
            pairs.insert(Pair::Erc20 { token: log.address(), spender: Address::from_word(*spender) });
        }
    }
    let chain = client.chain();
    if let Some(permit2) = chain.permit2
        && !client.code(permit2).await?.is_empty()
    {
        for kind in [Permit2::Approval::SIGNATURE_HASH, Permit2::Permit::SIGNATURE_HASH] {
            let logs = client.scan([Some(kind), Some(named), None], limits).await?;
            scan.complete &= logs.complete;
            scan.from_block = scan.from_block.max(logs.from_block);
            for log in logs.logs.iter().filter(|log| log.address() == permit2) {
                if let [_, _, token, spender] = log.topics() {
                    pairs.insert(Pair::Permit2 { token: Address::from_word(*token), spender: Address::from_word(*spender) });
                }
            }
        }
    }
    for token in book.on(chain.id).iter().filter_map(Token::address) {
        pairs.extend(known_spenders(book, chain.id).map(|spender| Pair::Erc20 { token, spender }));
    }
    if pairs.len() > MAX_ASKED {
        scan.complete = false;
    }
    let pairs: Vec<_> = pairs.into_iter().take(MAX_ASKED).collect();
    let answers = client.call_many(pairs.iter().map(|pair| pair.question(owner, chain.permit2)).collect()).await?;
    for (pair, answer) in pairs.into_iter().zip(answers) {
        let (via, token, spender) = pair.parts();
        let (amount, expires) = match pair {
            Pair::Erc20 { .. } => (word(answer).unwrap_or_default(), None),
            Pair::Permit2 { .. } => {
                let decoded = answer.ok().and_then(|bytes| Permit2::allowanceCall::abi_decode_returns(&bytes).ok());
                decoded.map_or((U256::ZERO, None), |a| (U256::from(a.amount), Some(a.expiration.to::<u64>())))
            }
        };
        if amount.is_zero() || expires.is_some_and(|until| until < now()) {
            continue;
        }
        let token = match book.at(chain.id, parlance_effects::AssetKind::Token(token)) {
            Some(known) => known,
            None => match client.token_meta(token).await {
                Ok(meta) => Token::unknown(chain.id, &meta),
                // It does not answer as a token any more; what it "allows" is nothing of worth.
                Err(crate::WalletError::NotAToken { .. }) => continue,
                Err(error) => return Err(error),
            },
        };
        let most = if via == AllowanceVia::Permit2 { U256::MAX >> 97 } else { U256::MAX >> 1 };
        scan.open.push(OpenAllowance {
            token,
            spender,
            spender_label: book.registry().label(chain.id, spender).map(str::to_owned),
            amount,
            unlimited: amount >= most,
            expires,
            via,
        });
    }
    Ok(scan)
}

/// Contracts to which wallets commonly give allowances.
fn known_spenders(book: &TokenBook, chain: u64) -> impl Iterator<Item = Address> {
    use parlance_effects::Role;
    book.registry().contracts(chain).filter_map(|contract| {
        matches!(contract.role, Role::UniswapV2Router | Role::UniswapV3Router | Role::UniswapV3Router02 | Role::Permit2)
            .then_some(contract.address)
    })
}

impl Pair {
    const fn parts(self) -> (AllowanceVia, Address, Address) {
        match self {
            Self::Erc20 { token, spender } => (AllowanceVia::Erc20, token, spender),
            Self::Permit2 { token, spender } => (AllowanceVia::Permit2, token, spender),
        }
    }

    fn question(self, owner: Address, permit2: Option<Address>) -> Call {
        match self {
            Self::Erc20 { token, spender } => Call::new(Address::ZERO, token).data(Erc20::allowanceCall { owner, spender }.abi_encode()),
            Self::Permit2 { token, spender } => {
                let data = Permit2::allowanceCall { owner, token, spender }.abi_encode();
                Call::new(Address::ZERO, permit2.unwrap_or_default()).data(data)
            }
        }
    }
}
