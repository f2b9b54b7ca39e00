using System.Globalization;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Models.Keys;

/// <summary>What is wrong with the values of a model config; each error names the JSON key's path, the value and what is allowed.</summary>
/// <param name="source">The file, named in errors.</param>
internal sealed class ConfigErrors(string source)
{
    /// <summary>Far above any model, and low enough that sums and small multiples stay int.</summary>
    public const int Max = 1 << 20;

    private readonly List<string> errors = [];

    public void Add(string error) => errors.Add($"{source}: {error}");

    public bool Between(int least, string path, int value, string why = "")
    {
        bool within = value >= least && value <= Max;
        if (!within)
            Add($"{path} is {value}; use {least}{why} to {Max}.");
        return within;
    }

    public void Only(string[] supported, string path, string value)
    {
        if (!supported.Contains(value))
            Add($"{path} is '{FileWords.Of(value)}'; only {string.Join(", ", supported)} "
                + $"{(supported.Length == 1 ? "is" : "are")} supported.");
    }

    /// <summary>Of the MLP's inner layer to the tower.</summary>
    public void CheckRatio(double ratio, int width, string at)
    {
        if (!(ratio > 0))
            Add($"{at}mlp_ratio is {Show(ratio)}; use a number above 0.");
        else if (width is >= 1 and <= Max && ratio * width is < 1 or > Max)
            Add($"{at}mlp_ratio is {Show(ratio)}, which makes the inner layer {Show(Math.Floor(ratio * width))} wide; use 1 to {Max}.");
    }

    public void CheckGain(double? gain, string at)
    {
        if (gain is { } value && !double.IsFinite(value))
            Add($"{at}ls_init_value is {Show(value)}; use a number.");
    }

    public static string Show(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="BadInputException">Lists all that is wrong.</exception>
    public void Throw()
    {
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
