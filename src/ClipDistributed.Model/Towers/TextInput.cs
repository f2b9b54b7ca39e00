using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// Token ids cut after the longest text among them. Exact: attention is causal and the feature is read at the
/// end-of-text token, so nothing behind it counts.
/// </summary>
/// <param name="Tokens">[b, t] of int64.</param>
/// <param name="EndOfText">The position of each row's end-of-text token, [b] of int64.</param>
public sealed record TextInput(Tensor Tokens, Tensor EndOfText)
{
    /// <summary>Cuts on the host, so that no device has to be asked for the longest text.</summary>
    /// <param name="ids">Rows of <paramref name="context"/> ids; the end of a text is the first place of its largest id.</param>
    public static TextInput From(ReadOnlySpan<int> ids, int context, Device device)
    {
        int rows = ids.Length / context;
        var ends = new long[rows];
        for (int row = 0; row < rows; row++)
        {
            var text = ids.Slice(row * context, context);
            int best = 0;
            for (int i = 1; i < context; i++)
                best = text[i] > text[best] ? i : best;
            ends[row] = best;
        }
        int length = rows == 0 ? 1 : (int)ends.Max() + 1;
        var cut = new long[rows * length];
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < length; i++)
                cut[row * length + i] = ids[row * context + i];
        }
        return new TextInput(tensor(cut, [rows, length], ScalarType.Int64, device), tensor(ends, [rows], ScalarType.Int64, device));
    }
}
