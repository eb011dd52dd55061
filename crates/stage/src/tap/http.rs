//! How far a request or an answer has come.

/// The length of the head with the empty line at its end.
pub(super) fn head(bytes: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\r\n\r\n";
    bytes.windows(END.len()).position(|window| window == END).map(|at| at + END.len())
}

/// Whether a request of ours is whole: it always tells its length.
pub(super) fn is_whole(request: &[u8]) -> bool {
    let Some(head) = head(request) else { return false };
    let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    request.len() >= head + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_with_its_last_byte() {
        let request = b"POST /send HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        assert!(is_whole(request));
        assert!(!is_whole(&request[..request.len() - 1]));
        assert!(!is_whole(&request[..20]));
    }
}
