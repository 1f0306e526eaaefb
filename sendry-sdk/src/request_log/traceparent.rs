//! The header `traceparent` of W3C Trace Context, read by ourselves.
//!
//! Strict: what is not as the specification writes it is no trace context at all. It never fails in any other way.

/// A request's place in a distributed trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    trace_id: [u8; TRACE_ID_CHARS],
    span_id: [u8; SPAN_ID_CHARS],
    sampled: bool,
}

const TRACE_ID_CHARS: usize = 32;
const SPAN_ID_CHARS: usize = 16;
/// `00-<trace id>-<span id>-<flags>`.
const HEADER_CHARS: usize = 55;
/// The version that the specification forbids.
const NO_VERSION: u8 = 0xff;

impl TraceParent {
    /// Reads a header's value. None for anything that the [specification] does not allow; of versions that are not known, the
    /// part that every later version begins with is read.
    ///
    /// [specification]: https://www.w3.org/TR/trace-context/#traceparent-header
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (head, rest) = value.split_at_checked(HEADER_CHARS)?;
        let version = hex_byte(head.get(..2)?)?;
        let complete = rest.is_empty() || (version > 0 && rest.starts_with(b"-"));
        let separated = [2, 35, 52].iter().all(|at| head.get(*at) == Some(&b'-'));
        if version == NO_VERSION || !complete || !separated {
            return None;
        }
        Some(Self {
            trace_id: id(head.get(3..35)?)?,
            span_id: id(head.get(36..52)?)?,
            sampled: hex_byte(head.get(53..)?)? & 1 == 1,
        })
    }

    /// The trace, as 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        std::str::from_utf8(&self.trace_id).unwrap_or_default()
    }

    /// The caller's span, as 16 hexadecimal digits.
    pub fn span_id(&self) -> &str {
        std::str::from_utf8(&self.span_id).unwrap_or_default()
    }

    /// Whether the caller records the trace.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }
}

/// Digits that are not all zero.
fn id<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let valid = digits.iter().all(|digit| hex_digit(*digit).is_some()) && digits.iter().any(|d| *d != b'0');
    if valid { digits.try_into().ok() } else { None }
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    match digits {
        [high, low] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
        _ => None,
    }
}

/// Capitals are not allowed.
fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn the_example_of_the_specification_is_read() {
        let read = TraceParent::parse(format!("00-{TRACE}-{SPAN}-01").as_bytes()).unwrap();
        assert_eq!((read.trace_id(), read.span_id(), read.is_sampled()), (TRACE, SPAN, true));
    }

    #[test]
    fn later_versions_may_say_more() {
        for value in [format!("01-{TRACE}-{SPAN}-00"), format!("cc-{TRACE}-{SPAN}-02-what-comes")] {
            assert!(!TraceParent::parse(value.as_bytes()).unwrap().is_sampled());
        }
    }

    #[test]
    fn what_the_specification_forbids_is_no_trace_context() {
        let zeros = ("0".repeat(32), "0".repeat(16));
        let wrong = [
            String::new(),
            "garbage".to_owned(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("01-{TRACE}-{SPAN}-01more"),
            format!("00-{}-{SPAN}-01", zeros.0),
            format!("00-{TRACE}-{}-01", zeros.1),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00_{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-0"),
            format!("0g-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-é"),
            format!(" 00-{TRACE}-{SPAN}-01"),
        ];
        for value in wrong {
            assert_eq!(TraceParent::parse(value.as_bytes()), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not_but_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(TraceParent::parse(&bytes).is_none());
        }

        #[test]
        fn what_was_written_is_read(trace in "[0-9a-f]{31}1", span in "1[0-9a-f]{15}", flags in 0_u8..=255) {
            let value = format!("00-{trace}-{span}-{flags:02x}");
            let read = TraceParent::parse(value.as_bytes()).unwrap();
            prop_assert_eq!((read.trace_id(), read.span_id(), read.is_sampled()), (&*trace, &*span, flags & 1 == 1));
        }

        #[test]
        fn one_changed_byte_never_panics(at in 0_usize..55, byte in any::<u8>()) {
            let mut value = format!("00-{TRACE}-{SPAN}-01").into_bytes();
            value[at] = byte;
            if let Some(read) = TraceParent::parse(&value) {
                prop_assert_eq!(read.trace_id().len() + read.span_id().len(), 48);
            }
        }
    }
}
