//! Message calls: which decoder understands which contract.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use alloy_sol_types::abi::AbiDecoderConfig;

use super::{Place, credit, erc20, permit2, router, uniswap_v2, wrapped};
use crate::{Effect, Role};

/// Decoding may allocate this much. An honest call's decoded size is about that of its bytes.
const MEMORY_LIMIT: usize = 1024 * 1024;

/// One message call of a transaction.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub place: Place<'a>,
    pub to: Address,
    /// Wei.
    pub value: U256,
    pub data: &'a [u8],
}

/// What a call does.
pub(super) struct Outcome {
    pub effects: Vec<Effect>,
    /// How many calls were in one.
    pub batch: Option<usize>,
    /// True where the call succeeds in the next block only, so that no deadline is missed.
    pub one_block: bool,
}

/// Why a call is not understood, in a sentence without capital and full stop.
pub(super) type NotUnderstood = String;

impl Outcome {
    pub fn of(effect: Effect) -> Self {
        Self::all(vec![effect])
    }

    pub fn all(effects: Vec<Effect>) -> Self {
        Self { effects, batch: None, one_block: false }
    }
}

impl Call<'_> {
    /// Refuses value where the function does not take any.
    pub fn without_value(&self) -> Result<(), NotUnderstood> {
        if self.value.is_zero() { Ok(()) } else { Err("value goes along with a function that takes none".into()) }
    }
}

/// Decodes a call; what is not understood becomes one [`Effect::UnknownCall`] for the whole call.
pub(super) fn decode_call(call: &Call<'_>) -> Outcome {
    let understood = if call.data.is_empty() { Ok(plain_send(call)) } else { function_call(call) };
    understood.unwrap_or_else(|reason| {
        Outcome::of(Effect::UnknownCall { to: call.to, selector: call.data.first_chunk().copied(), value: call.value, reason })
    })
}

fn plain_send(call: &Call<'_>) -> Outcome {
    let Call { place, to, value, .. } = *call;
    if to == place.account && value.is_zero() {
        return Outcome::of(Effect::Nothing);
    }
    // WETH9 and its kin deposit on a plain send.
    if place.registry.wrapped_native(place.chain) == Some(to) {
        return Outcome::of(Effect::Wrap { asset: place.token(to), amount: value });
    }
    Outcome::of(Effect::TransferOut { asset: place.native(), amount: value, from: place.account, to })
}

fn function_call(call: &Call<'_>) -> Result<Outcome, NotUnderstood> {
    let Some(selector) = call.data.first_chunk::<4>().copied() else {
        return Err(format!("got {} bytes of calldata, expected a selector of 4", call.data.len()));
    };
    let Some(contract) = call.place.registry.contract(call.place.chain, call.to) else {
        return Err(match erc20::name_of(selector) {
            Some(name) => format!("{name} is called on a contract that is not in the registry"),
            None => "the contract is not in the registry".into(),
        });
    };
    match contract.role {
        Role::Token(_) => erc20::decode(call, selector),
        Role::WrappedNative(_) => match wrapped::decode(call, selector) {
            Some(understood) => understood,
            None => erc20::decode(call, selector),
        },
        Role::Permit2 => permit2::decode(call, selector),
        Role::UniswapV2Router => uniswap_v2::decode(call, selector),
        Role::UniswapV3Router => router::decode(call, router::Version::V3),
        Role::UniswapV3Router02 => router::decode(call, router::Version::V3Router02),
        Role::CreditPool { asset } => credit::decode(call, selector, call.place.token(asset)),
        Role::UniswapV2Factory | Role::UniswapV3Factory | Role::UniswapV3Quoter | Role::Multicall3 | Role::PriceFeed { .. } => {
            Err(format!("calls to the {} are not understood", contract.label))
        }
    }
}

/// Arguments of a call whose selector matches, in the one canonical encoding: no trailing bytes, gaps, overlaps or
/// dirty padding, which a contract may read otherwise than we do.
pub(super) fn strict<C: SolCall>(data: &[u8]) -> Result<C, NotUnderstood> {
    let config = AbiDecoderConfig::new().strict(true).validate(true).memory_limit(MEMORY_LIMIT);
    let malformed = || format!("the arguments are not the canonical encoding of {}", C::SIGNATURE);
    let call = C::abi_decode_with_config(data, config).map_err(|_| malformed())?;
    if call.abi_encode() == data { Ok(call) } else { Err(malformed()) }
}

/// The same for a selector that belongs to no function we know.
pub(super) fn unknown_function(contract: &str, selector: [u8; 4]) -> NotUnderstood {
    format!("function 0x{} of {contract} is not understood", hex::encode(selector))
}
