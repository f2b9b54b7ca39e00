using System.Globalization;

namespace ClipDistributed.Contracts.Errors;

/// <summary>Text of files and users as messages quote it: control characters as <c>\u001B</c>, as terminals and logs show them
/// too.</summary>
internal static class ControlText
{
    public static string Escape(string text) =>
        text.Any(char.IsControl)
            ? string.Concat(
                text.Select(one => char.IsControl(one) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)one:X4}") : $"{one}")
            )
            : text;
}
