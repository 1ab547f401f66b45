//! Where everything is. The addresses follow from the deployer's key and nonces (CREATE) or from factory, salt and code
//! (CREATE2), so they are the same on every machine; `contracts/extract.mjs` computes them and writes `addresses.json`.

use alloy_primitives::{Address, B256, address, b256};
use serde::{Deserialize, Serialize};

/// EIP-155 chain id of the local world.
pub const CHAIN_ID: u64 = 31337;

/// The phrase that anvil, Hardhat and every tutorial use. Its keys are public: never send anything real to its accounts.
pub const MNEMONIC: &str = "test test test test test test test test test test test junk";

/// BIP-44 path of the demo account under [`MNEMONIC`].
pub const DEMO_PATH: &str = "m/44'/60'/0'/0/0";

/// The demo wallet: account 0 of [`MNEMONIC`].
pub const DEMO: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
/// Alice, a contact: account 1 of [`MNEMONIC`].
pub const ALICE: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
/// Bob, a contact: account 2 of [`MNEMONIC`].
pub const BOB: Address = address!("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");
/// Carol, a contact: account 3 of [`MNEMONIC`].
pub const CAROL: Address = address!("0x90F79bf6EB2c4f870365E785982E1f101E93b906");
/// Dave, a contact: account 4 of [`MNEMONIC`].
pub const DAVE: Address = address!("0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65");
/// Erin, a contact: account 5 of [`MNEMONIC`].
pub const ERIN: Address = address!("0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc");
/// May upgrade the USDC proxy, and can therefore not call the token (account 8).
pub const USDC_PROXY_ADMIN: Address = address!("0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f");
/// Deployed everything; owner, minter, pauser and blacklister of USDC (account 9).
pub const DEPLOYER: Address = address!("0xa0Ee7A142d267C1f36714E4a8F75612F20a79720");

/// Signs Maple's attestations (account 6).
pub const ATTESTER: Address = address!("0x976EA74026E726554dB657fA54763abd0C3a0aa9");
/// Maple, the lender: owns and funds the credit pool (account 7).
pub const MAPLE: Address = address!("0x14dC79964da2C08b23698B3D3cc7Ca32193d9955");
/// Key id of the local notary: SHA-256 of its Ed25519 public key. The pool knows it as a backer.
pub const NOTARY: B256 = b256!("0xeb69c33da23594b6fd1f87756e564742c186c270f448ab4148c0f3fedd86c173");

/// The contacts of the demo wallet, by name.
pub const CONTACTS: [(&str, Address); 5] = [("Alice", ALICE), ("Bob", BOB), ("Carol", CAROL), ("Dave", DAVE), ("Erin", ERIN)];

macro_rules! contracts {
    ($($(#[$doc:meta])* $field:ident $constant:ident $address:literal)*) => {
        $($(#[$doc])* pub const $constant: Address = address!($address);)*

        /// Every contract of the local world, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Addresses {
            $($(#[$doc])* pub $field: Address,)*
        }

        impl Addresses {
            /// Where the contracts are, on every machine.
            pub const LOCAL: Self = Self { $($field: $constant,)* };

            /// Name (as in `addresses.json`) and address of each.
            pub fn iter(&self) -> impl Iterator<Item = (&'static str, Address)> {
                [$((stringify!($field), self.$field),)*].into_iter()
            }
        }
    };
}

contracts! {
    /// Circle's `SignatureChecker` library, linked into the USDC implementation.
    signature_checker SIGNATURE_CHECKER "0x700b6A60ce7EaaEA56F065753d8dcB9653dbAD35"
    /// Circle's `FiatTokenV2_2`, behind the proxy at [`USDC`]. Never call it directly.
    usdc_implementation USDC_IMPLEMENTATION "0xA15BB66138824a1c7167f5E85b957d04Dd34E468"
    /// USDC: `FiatTokenProxy` over `FiatTokenV2_2`; 6 decimals, EIP-2612, EIP-3009; EIP-712 domain `USD Coin`, version `2`.
    usdc USDC "0xb19b36b1456E65E3A6D514D3F715f204BD59f431"
    /// Wrapped ether (`WETH9`); 18 decimals.
    weth WETH "0x8ce361602B935680E8DeC218b820ff5056BeB7af"
    /// A token with DAI's name, symbol and 18 decimals, and EIP-2612 (OpenZeppelin; not Maker's contract).
    dai DAI "0xe1Aa25618fA0c7A1CFDab5d6B456af611873b629"
    /// A token that says `USDC`, `USD Coin`, 6 decimals, and is not USDC.
    fake_usdc FAKE_USDC "0xe1DA8919f262Ee86f9BE05059C9280142CF23f48"
    /// An airdropped token whose name advertises a web page; 18 decimals.
    spam SPAM "0x0C8E79F3534B00D9a3D4a856B665Bf4eBC22f2ba"
    /// Uniswap V2 factory.
    uniswap_v2_factory UNISWAP_V2_FACTORY "0xeD1DB453C3156Ff3155a97AD217b3087D5Dc5f6E"
    /// Uniswap V2 `UniswapV2Router02`.
    uniswap_v2_router UNISWAP_V2_ROUTER "0xf7Cd8fa9b94DB2Aa972023b379c7f72c65E4De9D"
    /// Uniswap V3 factory.
    uniswap_v3_factory UNISWAP_V3_FACTORY "0x12975173B87F7595EE45dFFb2Ab812ECE596Bf84"
    /// Uniswap V3 `NonfungiblePositionManager` (without a token descriptor: `tokenURI` reverts).
    uniswap_v3_positions UNISWAP_V3_POSITIONS "0x82Dc47734901ee7d4f4232f398752cB9Dd5dACcC"
    /// Uniswap `SwapRouter02`.
    uniswap_v3_router UNISWAP_V3_ROUTER "0x196dBCBb54b8ec4958c959D8949EBFE87aC2Aaaf"
    /// Uniswap V3 `QuoterV2`.
    uniswap_v3_quoter UNISWAP_V3_QUOTER "0x82C6D3ed4cD33d8EC1E51d0B5Cc1d822Eaa0c3dC"
    /// Price feed ETH / USD, 8 decimals, AggregatorV3Interface.
    eth_usd_feed ETH_USD_FEED "0x05B4CB126885fb10464fdD12666FEb25E2563B76"
    /// Price feed USDC / USD, 8 decimals, AggregatorV3Interface.
    usdc_usd_feed USDC_USD_FEED "0x2a264F26859166C5BF3868A54593eE716AeBC848"
    /// Price feed DAI / USD, 8 decimals, AggregatorV3Interface.
    dai_usd_feed DAI_USD_FEED "0xd04fF4A75Edd737A73E92b2F2274Cb887d96E110"
    /// ENS registry (EIP-137); `alice.eth` and the other contacts, and `demo.eth`, are registered in it.
    ens_registry ENS_REGISTRY "0xc6B8FBF96CF7bbE45576417EC2163AcecFA88ECC"
    /// ENS public resolver: addresses and, for reverse lookups (EIP-181), names.
    ens_resolver ENS_RESOLVER "0x29a79095352a718B3D7Fe84E1F14E9F34A35598e"
    /// Uniswap V2 pair USDC/WETH.
    uniswap_v2_usdc_weth UNISWAP_V2_USDC_WETH "0x053DD1afF57616dC25d2f5C76DbBfD361020e1a0"
    /// Uniswap V2 pair DAI/WETH.
    uniswap_v2_dai_weth UNISWAP_V2_DAI_WETH "0x336B0711a42751A1762918ad72B04c26458910C4"
    /// Uniswap V3 pool USDC/WETH with the 0.05 % fee.
    uniswap_v3_usdc_weth_500 UNISWAP_V3_USDC_WETH_500 "0xB16AeAAF1bA6A792f06CAb7965CC3bBD2b2E2E1b"
    /// `NullifierRegistry`: which bank account backs which credit line.
    credit_registry CREDIT_REGISTRY "0xef11D1c2aA48826D4c41e54ab82D1Ff5Ad8A64Ca"
    /// `CreditPool`: Maple's credit lines in USDC.
    credit_pool CREDIT_POOL "0x39dD11C243Ac4Ac250980FA3AEa016f73C509f37"
    /// Permit2, at its address on every chain, with mainnet's bytecode.
    permit2 PERMIT2 "0x000000000022D473030F116dDEE9F6B43aC78BA3"
    /// Multicall3, at its address on every chain.
    multicall3 MULTICALL3 "0xcA11bde05977b3631167028862bE2a173976CA11"
}
