using ClipDistributed.Contracts.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Folders;

/// <summary>
/// Position embeddings of another image size or context, as OpenCLIP makes them fit: patches bicubically over their grid,
/// the class token kept; texts linearly (OpenCLIP model.py, resize_pos_embed and resize_text_pos_embed).
/// </summary>
/// <param name="model">Its towers declare their positions.</param>
internal sealed class PositionResize(ModelDeclaration model)
{
    private const int MaxRows = 1 << 20; // as the validator of configs

    private readonly string? image = model.Images.ResizablePositions?.Name, text = model.Texts.ResizablePositions?.Name;
    private readonly List<string> notices = [];

    /// <summary>What was resized, human-readable.</summary>
    public IReadOnlyList<string> Notices => notices;

    /// <summary>Whether a tensor of a file can become one of the model's shape.</summary>
    public bool Takes(string name, WeightEntry entry, long[] to) =>
        (name == image || name == text) && entry.Shape is [> 1 and <= MaxRows, var width] && width == to[1]
            && (name == text || IsGrid(entry.Shape[0] - 1) && IsGrid(to[0] - 1));

    /// <param name="rows">Of the result.</param>
    public Tensor Apply(string name, Tensor from, long rows)
    {
        var value = from.to(ScalarType.Float32);
        if (name == text)
        {
            notices.Add($"The {value.shape[0]} text positions of the weights were interpolated linearly to {rows}.");
            return Linear(value, rows);
        }
        long before = Side(value.shape[0] - 1), after = Side(rows - 1);
        notices.Add(
            $"The image positions of the weights, a grid of {before} × {before}, were interpolated bicubically to {after} × {after}.");
        return cat([value.narrow(0, 0, 1), Bicubic(value.narrow(0, 1, before * before), before, after)], 0);
    }

    /// <param name="patches">[before², w].</param>
    /// <returns>[after², w].</returns>
    private static Tensor Bicubic(Tensor patches, long before, long after)
    {
        var grid = patches.reshape(1, before, before, -1).permute(0, 3, 1, 2);
        var resized = interpolate(grid, size: [after, after], mode: InterpolationMode.Bicubic, align_corners: false, antialias: true);
        return resized.permute(0, 2, 3, 1).reshape(after * after, -1);
    }

    private static Tensor Linear(Tensor positions, long rows) =>
        interpolate(positions.t().unsqueeze(0), size: [rows], mode: InterpolationMode.Linear, align_corners: false).squeeze(0).t();

    private static bool IsGrid(long patches) => Side(patches) * Side(patches) == patches;

    private static long Side(long patches) => (long)Math.Round(Math.Sqrt(patches));
}
