using System.Globalization;
using System.Text.RegularExpressions;

namespace ClipDistributed.WorkerHost.Devices;

/// <summary>Where a device is on the PCI bus.</summary>
internal static partial class PciAddress
{
    /// <param name="text">As in <c>00000000:3B:00.0</c> (nvidia-smi) and <c>0000:3b:00.0</c> (Linux).</param>
    /// <returns>In the form of Linux, which is a folder's name; null: it is no such address.</returns>
    public static string? Parse(string text)
    {
        if (Form().Match(text) is not { Success: true } parts)
            return null;
        uint domain = uint.Parse(parts.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{domain:x4}:{parts.Groups[2].Value.ToLowerInvariant()}");
    }

    [GeneratedRegex(@"^([0-9A-Fa-f]{1,8}):([0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-7])\z")]
    private static partial Regex Form();
}
