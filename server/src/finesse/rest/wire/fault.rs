//! The body of an error answer (Finesse notes 1.4).

use super::xml;

/// The first `ApiError` of an error body; all empty when the body is the container's HTML page,
/// nothing at all, or anything else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fault {
    /// `ErrorType`.
    pub(crate) kind: String,
    /// `ErrorData` and `ErrorMessage`, for people to read.
    pub(crate) detail: String,
}

/// Reads an error body. Never fails: the HTTP status decides, the body only explains.
pub(crate) fn fault(body: &[u8]) -> Fault {
    let Ok(root) = xml::document(body, "ApiErrors") else { return Fault::default() };
    let Some(error) = root.child("ApiError") else { return Fault::default() };
    let words: Vec<&str> =
        [error.get("ErrorData"), error.get("ErrorMessage")].into_iter().flatten().collect();
    Fault { kind: error.get("ErrorType").unwrap_or_default().to_owned(), detail: words.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_in_any_order_and_either_case() {
        let expected = Fault {
            kind: "Invalid Input".into(),
            detail: "finesse.api.reasoncode.not_valid: does not exist".into(),
        };
        for body in [
            "<ApiErrors><ApiError><ErrorType>Invalid Input</ErrorType>\
             <ErrorData>finesse.api.reasoncode.not_valid</ErrorData>\
             <ErrorMessage>does not exist</ErrorMessage></ApiError></ApiErrors>",
            "<apiErrors><apiError><errorData>finesse.api.reasoncode.not_valid</errorData>\
             <errorMessage>does not exist</errorMessage><errorType>Invalid Input</errorType>\
             </apiError></apiErrors>",
        ] {
            assert_eq!(fault(body.as_bytes()), expected);
        }
    }

    #[test]
    fn empty_parts_are_left_out() {
        let seen = fault(
            b"<ApiErrors><ApiError><ErrorType>Unauthorized</ErrorType><ErrorData/>\
              <ErrorMessage>not authorized</ErrorMessage></ApiError></ApiErrors>",
        );
        assert_eq!(seen.detail, "not authorized");
    }

    #[test]
    fn anything_else_explains_nothing_and_breaks_nothing() {
        let html = b"<!doctype html><html><body><h1>HTTP Status 401</h1><hr></body></html>";
        for body in [&html[..], b"", b"<ApiErrors/>", b"\xff\xfe", b"<ApiErrors><ApiError>"] {
            assert_eq!(fault(body), Fault::default());
        }
    }
}
