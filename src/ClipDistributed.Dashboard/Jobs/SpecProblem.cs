namespace ClipDistributed.Dashboard.Jobs;

/// <summary>Something that is wrong with a spec.</summary>
/// <param name="Field">As in <c>batch.global</c>; empty: not of one field.</param>
/// <param name="Line">Of the text, from 1; null: of none.</param>
public sealed record SpecProblem(string Field, int? Line, string Text);
