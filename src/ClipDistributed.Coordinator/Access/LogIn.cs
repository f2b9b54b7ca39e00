namespace ClipDistributed.Coordinator.Access;

/// <summary>What became of a token that a caller has shown.</summary>
/// <param name="Token">The valid one; null: there is none.</param>
/// <param name="TokenId">Of the token as it says itself; empty: it has no such form, or none was shown.</param>
/// <param name="Refusal">Why it is not valid and what to do, one line; null: it is valid.</param>
internal sealed record LogIn(HeldToken? Token, string TokenId, string? Refusal);
