using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// Token ids of texts. Where attention is causal they are cut after the last token that a feature is read at; exact, for nothing
/// after it counts.
/// </summary>
/// <param name="Tokens">[b, t] of int64.</param>
/// <param name="Position">The token of each row that its feature is read at, [b] of int64.</param>
public sealed record TextInput(Tensor Tokens, Tensor Position)
{
    /// <summary>Cuts on the host, so that no device has to be asked for the longest text.</summary>
    /// <param name="ids">Rows of as many ids as the context has.</param>
    public static TextInput From(ReadOnlySpan<int> ids, TextConfig config, Device device)
    {
        int context = config.ContextLength, rows = ids.Length / context;
        var positions = new long[rows];
        for (int row = 0; row < rows; row++)
            positions[row] = PositionOf(ids.Slice(row * context, context), config);
        int length = config.NoCausalMask ? context : rows == 0 ? 1 : (int)positions.Max() + 1;
        var cut = new long[rows * length];
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < length; i++)
                cut[row * length + i] = ids[row * context + i];
        }
        return new TextInput(
            HostData.Send(tensor(cut, [rows, length], ScalarType.Int64), device),
            HostData.Send(tensor(positions, [rows], ScalarType.Int64), device));
    }

    /// <summary>Tokens that a text's feature depends on.</summary>
    public static int LengthOf(ReadOnlySpan<int> text, TextConfig config) =>
        config.NoCausalMask ? text.Length : PositionOf(text, config) + 1;

    /// <summary>As OpenCLIP transformer.py, text_global_pool; a text without the id that ends it is read at its first token.</summary>
    private static int PositionOf(ReadOnlySpan<int> text, TextConfig config) => config.PoolType switch
    {
        TextConfig.FirstToken => 0,
        TextConfig.LastToken => text.Length - 1,
        TextConfig.EndOfText => Math.Max(0, text.IndexOf(config.EosId!.Value)),
        _ => FirstOfLargest(text),
    };

    private static int FirstOfLargest(ReadOnlySpan<int> text)
    {
        int best = 0;
        for (int i = 1; i < text.Length; i++)
            best = text[i] > text[best] ? i : best;
        return best;
    }
}
