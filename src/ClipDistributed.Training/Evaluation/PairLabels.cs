using static TorchSharp.torch;

namespace ClipDistributed.Training.Evaluation;

/// <summary>
/// What belongs together among N pairs. Rows of one image are one image: the first stands for it, the others neither look nor are
/// found. Every row's caption is right for it, and every caption of the same text.
/// </summary>
/// <param name="pictures">The same number for the same image, [N].</param>
/// <param name="captions">The same number for captions of the same text, [N].</param>
public sealed class PairLabels(IReadOnlyList<int> pictures, IReadOnlyList<int> captions)
{
    // First rows of the images that a caption belongs to, each once, ascending.
    private readonly Dictionary<int, int[]> firstRows = Pairs(pictures, captions)
        .GroupBy(pair => pair.Caption, pair => pair.First).ToDictionary(rows => rows.Key, rows => rows.Order().ToArray());

    private readonly HashSet<int> first = [.. FirstRows(pictures).Values];

    public int Count => captions.Count;

    /// <summary>Rows whose image was not met before, [N] of bool.</summary>
    public Tensor IsFirst(Device device) => tensor(Enumerable.Range(0, Count).Select(first.Contains).ToArray(), ScalarType.Bool, device);

    /// <summary>
    /// Whether the text of column j is right for the image that row i stands for, [r, c] of bool; false for rows that stand for none.
    /// </summary>
    public Tensor Right(Range rows, Range columns, Device device)
    {
        var (start, height) = rows.GetOffsetAndLength(Count);
        var (left, width) = columns.GetOffsetAndLength(Count);
        bool[] right = new bool[height * width];
        for (int column = 0; column < width; column++)
        {
            int[] found = firstRows[captions[left + column]];
            int at = Array.BinarySearch(found, start);
            for (at = at < 0 ? ~at : at; at < found.Length && found[at] - start < height; at++)
                right[(found[at] - start) * width + column] = true;
        }
        return tensor(right, [height, width], ScalarType.Bool, device);
    }

    private static HashSet<(int Caption, int First)> Pairs(IReadOnlyList<int> pictures, IReadOnlyList<int> captions)
    {
        var rows = FirstRows(pictures);
        return [.. captions.Select((caption, row) => (caption, rows[pictures[row]]))];
    }

    private static Dictionary<int, int> FirstRows(IReadOnlyList<int> pictures)
    {
        var rows = new Dictionary<int, int>();
        for (int row = 0; row < pictures.Count; row++)
            rows.TryAdd(pictures[row], row);
        return rows;
    }
}
