using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Parts;

public sealed partial class Sparkline : ComponentBase
{
    private const double Width = 96, Height = 24, Margin = 2;

    [Parameter, EditorRequired]
    public IReadOnlyList<double>? Values { get; set; }

    /// <summary>Of what, as in <c>loss</c>.</summary>
    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    private string? Points =>
        Values is { Count: > 1 } values ? string.Join(' ', values.Select((value, at) => Place(values, at, value))) : null;

    private string Label => Values is { Count: > 1 } values
        ? string.Create(CultureInfo.InvariantCulture, $"{Name} from {values[0]:0.000} to {values[^1]:0.000}") : "";

    private static string Place(IReadOnlyList<double> values, int at, double value)
    {
        double low = values.Min(), high = values.Max(), span = high > low ? high - low : 1;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{at * Width / (values.Count - 1):0.#},{Margin + (high - value) / span * (Height - 2 * Margin):0.#}");
    }
}
