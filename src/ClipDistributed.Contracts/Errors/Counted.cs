using System.Globalization;
using System.Numerics;

namespace ClipDistributed.Contracts.Errors;

/// <summary>Counts with their nouns.</summary>
public static class Counted
{
    /// <summary>As in <c>1 shard</c> and <c>3,082 shards</c>.</summary>
    /// <param name="noun">Of one.</param>
    /// <param name="plural">Where it is more than an s longer.</param>
    public static string Of<T>(T count, string noun, string? plural = null) where T : INumberBase<T> =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == T.One ? noun : plural ?? noun + "s")}");

    /// <summary>The same with bare digits, as in <c>3082 shards</c>: beside values that are written so in specs and files.</summary>
    /// <inheritdoc cref="Of{T}"/>
    public static string Plain<T>(T count, string noun, string? plural = null) where T : INumberBase<T> =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == T.One ? noun : plural ?? noun + "s")}");

    /// <summary>As in <c>1 replica is</c> and <c>2 replicas are</c>.</summary>
    public static string Are(long count, string noun) => $"{Of(count, noun)} {(count == 1 ? "is" : "are")}";
}
