namespace ClipDistributed.Reporting.Runs;

/// <summary>A few images and captions compared by the model, as written to <c>probe.json</c>.</summary>
/// <param name="Step">After how many steps.</param>
/// <param name="Captions">One for each row.</param>
/// <param name="ImagesPng">One encoded picture for each column; caption i belongs to image i.</param>
/// <param name="Similarity">Cosine of caption (row) and image (column), −1 to 1.</param>
public sealed record ProbeRecord(
    long Step, IReadOnlyList<string> Captions, IReadOnlyList<byte[]> ImagesPng, IReadOnlyList<IReadOnlyList<double>> Similarity)
{
    /// <summary>Whether there is something to draw and the parts fit together.</summary>
    public bool IsComplete => Captions is { Count: > 0 } && ImagesPng is { Count: > 0 } && Similarity?.Count == Captions.Count
        && Similarity.All(row => row.Count == ImagesPng.Count);
}
