//! What the number of a payment card says: who issues it, and whether it is one
//! that only tests use.

use super::{Input, Reading, fact, is_published};

/// The brand, by the first digits as ISO/IEC 7812 assigns them.
pub(super) fn card(input: &Input<'_>) -> Reading {
    let digits: Vec<u8> = input.value.iter().copied().filter(u8::is_ascii_digit).collect();
    if is_published(&digits, TEST_NUMBERS) {
        return Reading::Rejected("a number that payment services publish for tests");
    }
    let lead = |len: usize| {
        let lead = digits.get(..len).unwrap_or_default();
        lead.iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let brand = match digits.len() {
        13 | 16 | 19 if lead(1) == 4 => "Visa",
        16 if matches!(lead(2), 51..=55) || matches!(lead(4), 2221..=2720) => "Mastercard",
        15 if matches!(lead(2), 34 | 37) => "American Express",
        16..=19 if lead(4) == 6011 || lead(2) == 65 || matches!(lead(3), 644..=649) => "Discover",
        16..=19 if matches!(lead(4), 3528..=3589) => "JCB",
        14..=19 if matches!(lead(2), 36 | 38 | 39) || matches!(lead(3), 300..=305) => "Diners Club",
        16..=19 if lead(2) == 62 => "UnionPay",
        _ => return Reading::Rejected("no payment card begins so, or has that length"),
    };
    Reading::Facts(vec![fact("brand", brand)])
}

/// Numbers that Stripe, Adyen, PayPal, Braintree, Authorize.Net, Worldpay and
/// Square publish for tests, as the start of their SHA-256 so that no list of
/// numbers stands here.
#[rustfmt::skip]
const TEST_NUMBERS: &[u64] = &[
    0x0421_d945_1224_6d5e, 0x0ba8_0f70_3c65_7bed, 0x10f6_a49b_3088_d981, 0x11ed_9eec_e6dc_a252,
    0x1653_a870_42cd_03cf, 0x1789_612b_7ca1_f7d8, 0x19ff_47cc_8024_c133, 0x1c9d_38ed_26cd_808f,
    0x1d94_2407_169d_8f20, 0x20e6_5838_71d3_6495, 0x253d_a55d_8a05_e361, 0x2595_74b6_2f6e_97a1,
    0x2734_76b8_3f26_d858, 0x27a9_72ac_4536_410d, 0x2c75_ddf2_535e_abfb, 0x2c9d_f2c5_1d27_d4b5,
    0x2f72_5bbd_1f40_5a1e, 0x3049_45e9_1de3_deff, 0x35b8_ee49_a804_ee51, 0x3a13_4ef7_7d4e_2e4c,
    0x3cc8_217a_6aad_5450, 0x4182_de66_5ea8_58de, 0x46a8_4920_4eae_c3f0, 0x477b_ba13_3c18_2267,
    0x49ed_3701_82b3_e634, 0x4f61_9e8f_7fd4_2233, 0x51a4_ae4c_6ae9_9914, 0x530b_968f_a8a1_cdea,
    0x53a8_fc81_6e63_b7a5, 0x576c_15a8_0724_61c2, 0x5a65_d383_fa6b_08bc, 0x62ac_0870_33ba_812f,
    0x6730_ad8b_34fa_0e71, 0x6859_4afe_9c9c_da52, 0x6a32_097e_857d_6c6c, 0x6ffa_7bd9_78ff_96a0,
    0x72a9_e7b2_1edb_3baf, 0x7599_7d50_623a_b744, 0x7cbc_c57f_c39e_4317, 0x8066_bb4b_1225_fd6c,
    0x80b4_1db6_473a_f321, 0x8597_5050_568d_41fc, 0x85c7_1805_caba_fc44, 0x8afe_bbaf_e3eb_7a22,
    0x8c8b_f837_2ef1_30a6, 0x914f_efe7_0b03_aa9a, 0x9230_219c_96cc_600c, 0x92e5_6425_7a3f_5772,
    0x96a7_ae8b_2fab_8dd1, 0x9751_3613_0120_262d, 0x9830_b424_b7a6_9ba9, 0x99b1_3fd0_e1df_ffea,
    0x9b08_9351_f897_1ed7, 0x9bbe_f194_7662_3ca5, 0x9e70_7ea3_0ec5_61df, 0xac4e_6e84_e457_4773,
    0xacd0_8f29_a41f_2e55, 0xaedf_85f1_a3d1_3574, 0xaf01_b8b6_d8b6_458c, 0xafc4_d4b0_4e95_90d3,
    0xb1e7_5495_ffcd_f577, 0xb294_6d3f_1502_88d7, 0xb40e_9bc7_a74d_50ab, 0xb4ed_a25d_8a64_929c,
    0xbfab_9e31_abe3_d94b, 0xc5a9_bff2_bba1_74c4, 0xd068_04b9_a008_9cf5, 0xd165_4ab8_2c41_839b,
    0xd1f4_b396_2f16_f382, 0xd260_31b3_c777_1336, 0xd794_49f4_62ce_c9af, 0xd808_6d48_3c15_c711,
    0xdd13_cdf9_af9d_d3ba, 0xdd1e_d74b_d626_c6fa, 0xe2a7_bacc_046c_3a0e, 0xe5de_3c3d_9fcb_43b1,
    0xf2e5_8691_13fb_2e20, 0xf41e_7ca4_a3d7_1c4f, 0xf561_bab6_514c_4256, 0xffc5_d1c3_d58d_d114,
];
