using System.Globalization;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>Values of a spec's fields, from text.</summary>
internal static partial class SpecValues
{
    public const string Auto = "auto";

    /// <summary>The fields for which <c>auto</c> means that the value is found in the data or planned by the machine.</summary>
    private static readonly HashSet<string> AutoFields = new(StringComparer.Ordinal)
    {
        "DataSpec.shuffle_block", "BatchSpec.streams", "BatchSpec.micro", "ModelSpec.tokenizer",
        "SourceSpec.image_column", "SourceSpec.caption_column", "SourceSpec.label_column",
    };

    public static bool TakesAuto(FieldDescriptor field) => AutoFields.Contains($"{field.ContainingType.Name}.{field.Name}");

    /// <returns>Null: it is none of this field.</returns>
    public static object? Convert(string text, FieldDescriptor field)
    {
        var invariant = CultureInfo.InvariantCulture;
        string number = text.Replace("_", "", StringComparison.Ordinal);
        return field.FieldType switch
        {
            FieldType.String => text,
            FieldType.Bool => text switch { "true" or "True" or "TRUE" => true, "false" or "False" or "FALSE" => false, _ => null },
            FieldType.UInt32 => Whole().IsMatch(text) && uint.TryParse(number, NumberStyles.AllowLeadingSign, invariant, out uint small)
                ? small
                : null,
            FieldType.UInt64 => Whole().IsMatch(text) && ulong.TryParse(number, NumberStyles.AllowLeadingSign, invariant, out ulong large)
                ? large
                : null,
            FieldType.Double => Real().IsMatch(text) && double.TryParse(number, NumberStyles.Float, invariant, out double real)
                && double.IsFinite(real)
                ? real
                : null,
            FieldType.Enum => field.EnumType.Values.FirstOrDefault(v => v.Number != 0 && EnumNames.Short(v) == text) is { } named
                ? Enum.ToObject(field.EnumType.ClrType, named.Number) : null,
            _ => throw new InvalidOperationException($"The spec has a field of type {field.FieldType}, which no reader knows."),
        };
    }

    /// <summary>As in <c>a whole number from 1 to 4294967295, or auto</c>.</summary>
    public static string Expected(FieldDescriptor field)
    {
        string expected = field.FieldType switch
        {
            FieldType.String => "text",
            FieldType.Bool => "true or false",
            FieldType.Enum => string.Join(" or ", Names(field)),
            _ => SpecRange.Of(field).Text,
        };
        return TakesAuto(field) ? $"{expected}, or auto" : expected;
    }

    /// <summary>What to change in a text that is not a value, as a clause at the end of a message; empty: that is plain.</summary>
    public static string Remedy(string text, FieldDescriptor field) => field.FieldType switch
    {
        _ when text == Auto => "; leave it out for the default, which clipd spec show prints",
        FieldType.Enum => Suggestion.Nearest(text, Names(field)) is { } near ? $"; did you mean {near}?" : "",
        FieldType.UInt32 or FieldType.UInt64 or FieldType.Double when OtherBase().IsMatch(text) =>
            "; write it in decimal, without leading zeros",
        FieldType.UInt32 or FieldType.UInt64 when Real().IsMatch(text) && !Whole().IsMatch(text) => "; write its digits, as in 1_000_000",
        _ => "",
    };

    private static IEnumerable<string> Names(FieldDescriptor field) =>
        field.EnumType.Values.Where(value => value.Number != 0).Select(EnumNames.Short);

    /// <summary>Leading zeros mean base 8 to some readers: they are not a number here.</summary>
    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*(_[0-9]+)*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*(_[0-9]+)*)?(\\.[0-9]*)?(?<=[0-9.])([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Real();

    [GeneratedRegex("^[-+]?0([xXoObB][0-9a-fA-F_]+|[0-9_]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex OtherBase();
}
