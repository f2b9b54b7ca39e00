namespace ClipDistributed.Contracts.Pickles;

/// <summary>
/// What one pickle may take. The state of a model of 2.5 billion parameters with its optimizer is 3,000 tensors of about 20
/// objects each, a few megabytes in all.
/// </summary>
/// <param name="Bytes">Length of the pickle.</param>
/// <param name="Objects">Objects, marks, memo entries and items of containers.</param>
/// <param name="Text">Bytes of all strings.</param>
internal sealed record PickleLimits(long Bytes = 64L << 20, int Objects = 1_000_000, long Text = 32L << 20);
