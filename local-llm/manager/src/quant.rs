//! How many bytes the weights of a tensor take: ggml's storage types.

/// One storage type: its number in the file, its name, and how many weights stand in how many bytes.
struct Quant(u32, &'static str, u64, u64);

/// The types that this Parlance's llama.cpp reads (`ggml.h`, `ggml-common.h`).
const QUANTS: &[Quant] = &[
    Quant(0, "F32", 1, 4),
    Quant(1, "F16", 1, 2),
    Quant(2, "Q4_0", 32, 18),
    Quant(3, "Q4_1", 32, 20),
    Quant(6, "Q5_0", 32, 22),
    Quant(7, "Q5_1", 32, 24),
    Quant(8, "Q8_0", 32, 34),
    Quant(9, "Q8_1", 32, 36),
    Quant(10, "Q2_K", 256, 84),
    Quant(11, "Q3_K", 256, 110),
    Quant(12, "Q4_K", 256, 144),
    Quant(13, "Q5_K", 256, 176),
    Quant(14, "Q6_K", 256, 210),
    Quant(15, "Q8_K", 256, 292),
    Quant(16, "IQ2_XXS", 256, 66),
    Quant(17, "IQ2_XS", 256, 74),
    Quant(18, "IQ3_XXS", 256, 98),
    Quant(19, "IQ1_S", 256, 50),
    Quant(20, "IQ4_NL", 32, 18),
    Quant(21, "IQ3_S", 256, 110),
    Quant(22, "IQ2_S", 256, 82),
    Quant(23, "IQ4_XS", 256, 136),
    Quant(24, "I8", 1, 1),
    Quant(25, "I16", 1, 2),
    Quant(26, "I32", 1, 4),
    Quant(27, "I64", 1, 8),
    Quant(28, "F64", 1, 8),
    Quant(29, "IQ1_M", 256, 56),
    Quant(30, "BF16", 1, 2),
    Quant(34, "TQ1_0", 256, 54),
    Quant(35, "TQ2_0", 256, 66),
    Quant(39, "MXFP4", 32, 17),
    Quant(40, "NVFP4", 64, 36),
];

/// Name of the type and bytes of a tensor of these dimensions; `None` where the type is not known, a row does not divide
/// into its blocks, or the product leaves 64 bits.
pub(crate) fn size(kind: u32, dimensions: &[u64]) -> Option<(&'static str, u64)> {
    let Quant(_, name, weights, bytes) = QUANTS.iter().find(|q| q.0 == kind)?;
    let row = dimensions.first().copied().unwrap_or(1);
    if row % weights != 0 {
        return None;
    }
    let all = dimensions.iter().try_fold(1_u64, |product, n| product.checked_mul(*n))?;
    (all / weights).checked_mul(*bytes).map(|bytes| (*name, bytes))
}
