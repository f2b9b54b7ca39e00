using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Packing;

namespace ClipDistributed.Cli.Progress;

/// <summary>Says what a packing run did, and what it left out and why.</summary>
internal static class PackReport
{
    public static void Print(PackOptions options, PackSummary summary, double seconds)
    {
        string before = summary.RowsOfBefore == 0 ? ""
            : summary.RowsOfBefore == summary.Rows ? " (all of them before; nothing was left to do)"
            : $" ({summary.RowsOfBefore:N0} of them before)";
        Console.WriteLine(
            $"{Counted.Of(summary.Rows, "row")} in {Counted.Of(summary.Shards, "shard")}{before}, "
                + $"{Quantities.Bytes(summary.ImageBytes)} of images, {seconds:0.0} s; captions from {summary.Captions}."
        );
        if (summary.Classes is { } classes)
            Console.WriteLine($"{Counted.Of(classes, "class", "classes")}: {Path.Combine(options.Output, "classes.txt")}");
        if (summary.Transparent > 0)
            Console.WriteLine(Transparency(options, summary.Transparent));
        PrintLeftOut(options, summary);
        Console.WriteLine($"Look at it: clipd data inspect {options.Output} --out sheet.png");
    }

    /// <summary>Of a run that was stopped: nothing is lost, and how it goes on.</summary>
    public static void PrintStopped(PackOptions options, PackSummary summary) => Console.WriteLine(
        $"Stopped: {Counted.Of(summary.Rows, "row")} packed into {options.Output} ({Counted.Of(summary.Shards, "finished shard")}), "
        + $"{Counted.Of(summary.Remaining, "image")} to go. The same command{(options.Overwrite ? " without --overwrite" : "")} goes on "
        + $"from there.");

    private static string Transparency(PackOptions options, long count)
    {
        string images = Counted.Are(count, "image");
        return options.Background is { } colour
            ? $"{images} transparent in parts, and now laid upon {colour}."
            : $"{images} transparent in parts: training drops their alpha, as OpenCLIP does, so that what is transparent shows the colour "
                + "stored there, often black. --background white lays them on white.";
    }

    private static void PrintLeftOut(PackOptions options, PackSummary summary)
    {
        if (summary.LeftOut.Count == 0)
            return;
        long all = summary.LeftOut.Values.Sum(reason => (long)reason.Count);
        string what = summary.LostRows == 0 ? Counted.Of(all, "file")
            : summary.LostRows == all ? $"{Counted.Of(all, "row")} of the list"
            : $"{Counted.Of(summary.LostRows, "row")} of the list and {Counted.Of(all - summary.LostRows, "other file")}";
        Console.WriteLine($"{what} left out; all of them are in {Path.Combine(options.Output, PackSummary.LeftOutFile)}:");
        foreach (var (reason, left) in summary.Reasons)
        {
            string more = left.Count > left.Examples.Count ? ", …" : "";
            Console.WriteLine($"  {left.Count,8:N0}  {reason}: {string.Join(", ", left.Examples)}{more}");
        }
    }
}
