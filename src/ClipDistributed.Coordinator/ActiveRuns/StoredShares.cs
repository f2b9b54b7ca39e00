using System.Globalization;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>Shares as text in the store: the rows of every rank, a line each.</summary>
internal static class StoredShares
{
    public static string Write(Shares shares) => string.Join('\n', shares.Rows);

    public static Shares Read(string stored) =>
        new([.. stored.Split('\n').Select(rows => int.Parse(rows, CultureInfo.InvariantCulture))]);
}
