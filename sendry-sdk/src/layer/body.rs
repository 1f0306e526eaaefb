use crate::track::TappedBody;

/// How a request's body is read along; the second parameter of [`super::SendryLayer`].
///
/// A service takes bodies of one type, so one that is read along has to become that type again: only the application knows how.
pub trait RequestBodies<B>: sealed::Sealed {
    /// Whether [`Self::wrap`] makes a body of its own.
    #[doc(hidden)]
    const ARE_READ: bool;

    /// A body of the service's type that reads `body` along.
    #[doc(hidden)]
    fn wrap(&self, body: TappedBody<B>) -> B;
}

/// Request bodies go on as they are, and are not in the request log.
#[derive(Debug, Clone, Copy)]
pub struct Untouched;

/// Request bodies are read along for the request log, by the function that makes them.
#[derive(Debug, Clone, Copy)]
pub struct ReadAlong<F>(pub(super) F);

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Untouched {}
    impl<F> Sealed for super::ReadAlong<F> {}
}

impl<B> RequestBodies<B> for Untouched {
    const ARE_READ: bool = false;

    fn wrap(&self, body: TappedBody<B>) -> B {
        body.into_inner()
    }
}

impl<B, F: Fn(TappedBody<B>) -> B> RequestBodies<B> for ReadAlong<F> {
    const ARE_READ: bool = true;

    fn wrap(&self, body: TappedBody<B>) -> B {
        (self.0)(body)
    }
}
