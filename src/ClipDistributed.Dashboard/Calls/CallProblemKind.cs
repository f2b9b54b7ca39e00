namespace ClipDistributed.Dashboard.Calls;

/// <summary>Why there is no answer, so that each reason can look different.</summary>
public enum CallProblemKind
{
    /// <summary>The coordinator does not answer now; it is asked again.</summary>
    Disconnected,

    /// <summary>The user's role does not suffice.</summary>
    Refused,

    /// <summary>The session or its token is over.</summary>
    SignedOut,

    /// <summary>There is no such thing.</summary>
    Missing,

    /// <summary>What was given cannot be used.</summary>
    Invalid,
}
