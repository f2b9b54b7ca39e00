using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace ClipDistributed.Cli.Terminals;

/// <summary>
/// A value of an option that is none of its type. The parser names the type as .NET does; and checks of the option's range see the
/// type's default, which the user has not given.
/// </summary>
internal sealed class UnreadValue
{
    private readonly OptionResult option;
    private readonly string given;
    private readonly string allowed;

    private UnreadValue(OptionResult option, string given, string allowed) =>
        (this.option, this.given, this.allowed) = (option, given, allowed);

    /// <summary>One line.</summary>
    public string Mistake => $"{option.Option.Name} is '{given}'; use {allowed}.";

    public static IReadOnlyList<UnreadValue> Find(ParseResult result) =>
        [.. result.Errors.Select(error => OptionOf(error.SymbolResult)).OfType<OptionResult>().Distinct().Select(Of).OfType<UnreadValue>()];

    /// <summary>An option's check of its range cannot ask for its value, and need not: that is said anyway.</summary>
    public static bool IsIn(OptionResult option) => WrongOf(option) is not null;

    /// <summary>The error is about this value, and says less; the option's own check may have said all about it.</summary>
    public bool Explains(ParseError error) => OptionOf(error.SymbolResult) == option;

    private static UnreadValue? Of(OptionResult option)
    {
        if (WrongOf(option) is not { } wrong)
            return null;
        bool isSaid = option.Errors.Any(error => error.Message.StartsWith($"{option.Option.Name} is '{wrong}';", StringComparison.Ordinal));
        return isSaid ? null : new UnreadValue(option, wrong, AllowedOf(TypeOf(option), wrong));
    }

    /// <returns>Null: all of its values can be read.</returns>
    private static string? WrongOf(OptionResult option)
    {
        var type = TypeOf(option);
        return IsRead(type) ? option.Tokens.Select(token => token.Value).FirstOrDefault(value => !IsOne(value, type)) : null;
    }

    /// <summary>Of one of its values.</summary>
    private static Type TypeOf(OptionResult option)
    {
        var type = option.Option.ValueType;
        return Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
    }

    private static OptionResult? OptionOf(SymbolResult? symbol) =>
        symbol is ArgumentResult { Parent: OptionResult parent } ? parent : symbol as OptionResult;

    /// <summary>The parser reads it; texts, files and choices are read by their options themselves.</summary>
    private static bool IsRead(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(uint)
        || type == typeof(ulong) || type == typeof(double) || type == typeof(float) || type == typeof(bool);

    private static string AllowedOf(Type type, string given) =>
        type == typeof(bool) ? "true or false, or the option alone"
        : type == typeof(double) || type == typeof(float) ? "a number, as in 12 or 0.5"
        : !BigInteger.TryParse(given, CultureInfo.InvariantCulture, out _) ? "a whole number"
        : type == typeof(int) ? Whole(int.MinValue, int.MaxValue)
        : type == typeof(long) ? Whole(long.MinValue, long.MaxValue)
        : type == typeof(uint) ? Whole(uint.MinValue, uint.MaxValue)
        : Whole(ulong.MinValue, ulong.MaxValue);

    private static string Whole<T>(T min, T max) =>
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min:N0} to {max:N0}");

    private static bool IsOne(string value, Type type)
    {
        var culture = CultureInfo.InvariantCulture;
        return type == typeof(int) ? int.TryParse(value, culture, out _)
            : type == typeof(long) ? long.TryParse(value, culture, out _)
            : type == typeof(uint) ? uint.TryParse(value, culture, out _)
            : type == typeof(ulong) ? ulong.TryParse(value, culture, out _)
            : type == typeof(double) || type == typeof(float) ? double.TryParse(value, culture, out _)
            : bool.TryParse(value, out _);
    }
}
