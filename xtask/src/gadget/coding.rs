//! What goes over the wire, in the two codings that browsers take.

use std::io::Write as _;

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The same bytes in each coding, as small as it makes them.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) gzip: Vec<u8>,
    /// Browsers ask for it over https, and over http from the machine itself.
    pub(crate) brotli: Vec<u8>,
}

impl Packed {
    pub(crate) fn of(bytes: &[u8]) -> anyhow::Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(bytes)?;
        let mut packed = Vec::new();
        // 11 is brotli's best; a bundle is made once and loaded many times.
        let parameters =
            BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
        brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
        Ok(Self { gzip: gzip.finish()?, brotli: packed })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_codings_give_the_bytes_back_and_brotli_is_the_smaller() {
        let text = include_bytes!("coding.rs");
        let packed = Packed::of(text).unwrap();
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&*packed.gzip).read_to_end(&mut back).unwrap();
        assert_eq!(back, text);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &*packed.brotli, &mut back).unwrap();
        assert_eq!(back, text);
        assert!(packed.brotli.len() < packed.gzip.len() && packed.gzip.len() < text.len());
    }
}
