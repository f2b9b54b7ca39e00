namespace ClipDistributed.Contracts.Errors;

/// <summary>Something that is wrong with what a user gave.</summary>
/// <param name="Field">As in <c>batch.global</c>; empty: none, or not known.</param>
/// <param name="Text">One line: what, where, what is allowed and what to do.</param>
public sealed record InputError(string Field, string Text);
