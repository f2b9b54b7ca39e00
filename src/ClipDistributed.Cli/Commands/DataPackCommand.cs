using System.CommandLine;
using System.Diagnostics;
using ClipDistributed.Cli.Progress;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Packing;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data pack FOLDER… --out DIR</c>: makes shards of image files and their captions.</summary>
internal static class DataPackCommand
{
    public static Command Create()
    {
        var folders = new Argument<string[]>("FOLDER") { Description = "Folders of images (jpg, jpeg, png, webp, gif, bmp), with their sub-folders.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "Folder for the shards; made if absent.", HelpName = "dir", Required = true };
        var captions = new Option<string>("--captions")
        {
            Description = "sidecar: a .txt beside each image; names: the words of the file name; folders: the class folder's name; or a .csv, .tsv or .jsonl file. auto: sidecar where there is one, else names.",
            DefaultValueFactory = _ => PackOptions.Auto, HelpName = "auto|sidecar|names|folders|file",
        };
        var imageColumn = new Option<string?>("--image-column") { Description = "The table's column of files. [default: found by its usual names]", HelpName = "name" };
        var captionColumn = new Option<string?>("--caption-column") { Description = "The table's column of captions. [default: found by its usual names]", HelpName = "name" };
        var labels = new Option<string>("--labels") { Description = "folders: the first folder below FOLDER is the class; writes a label column and classes.txt.", DefaultValueFactory = _ => "none" };
        labels.AcceptOnlyFromAmong("none", "folders");
        var resize = new Option<int?>("--resize") { Description = "Make the shortest side of larger images so many pixels. [default: images stay as they are]", HelpName = "pixels" };
        var background = new Option<string?>("--background") { Description = "Lay transparent images upon a colour: white, black or #rrggbb. [default: images stay as they are; training drops alpha, as OpenCLIP does]", HelpName = "colour" };
        var defaults = new PackOptions([], "");
        var quality = new Option<int>("--quality") { Description = "Of JPEGs that had to be turned or made smaller, 1 to 100.", DefaultValueFactory = _ => defaults.Quality };
        var rows = new Option<int>("--rows-per-shard") { Description = "Rows of a shard at most.", DefaultValueFactory = _ => defaults.RowsPerShard };
        var size = new Option<int>("--shard-size") { Description = "Megabytes of images in a shard at most.", DefaultValueFactory = _ => (int)(defaults.ShardBytes / 1_000_000), HelpName = "MB" };
        var workers = new Option<int>("--workers") { Description = "Images in work at once; the result does not depend on it.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace what was packed into DIR before." };
        var command = new Command("pack", "Make Parquet shards of image files and captions. Run again after an interruption, it goes on.")
        {
            folders, output, captions, imageColumn, captionColumn, labels, resize, background, quality, rows, size, workers, overwrite,
        };
        command.SetAction((parsed, cancel) => PackAsync(
            new PackOptions(parsed.GetRequiredValue(folders), parsed.GetRequiredValue(output), parsed.GetRequiredValue(captions))
            {
                ImageColumn = parsed.GetValue(imageColumn),
                CaptionColumn = parsed.GetValue(captionColumn),
                Labels = parsed.GetValue(labels) == "folders",
                Resize = parsed.GetValue(resize),
                Background = parsed.GetValue(background),
                Quality = parsed.GetValue(quality),
                RowsPerShard = parsed.GetValue(rows),
                ShardBytes = parsed.GetValue(size) * 1_000_000L,
                MaxPixels = (long)SpecDefaults.MaxImagePixels,
                Workers = parsed.GetValue(workers),
                Overwrite = parsed.GetValue(overwrite),
            },
            cancel));
        return command;
    }

    private static async Task<int> PackAsync(PackOptions options, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var summary = await CountProgress.ShowAsync("Packing images", progress => new FolderPacking(options).RunAsync(progress, cancel));
        string before = summary.RowsOfBefore == 0 ? "" : summary.RowsOfBefore == summary.Rows ? " (all of them before; nothing was left to do)" : $" ({summary.RowsOfBefore:N0} of them before)";
        Console.WriteLine($"{Quantities.Count(summary.Rows, "row")} in {Quantities.Count(summary.Shards, "shard")}{before}, {Quantities.Bytes(summary.ImageBytes)} of images, {clock.Elapsed.TotalSeconds:0.0} s; captions from {summary.Captions}.");
        if (summary.Classes is { } classes)
            Console.WriteLine($"{classes:N0} classes: {Path.Combine(options.Output, "classes.txt")}");
        if (summary.Skipped.Count > 0)
        {
            Console.WriteLine($"{Quantities.Count(summary.Skipped.Values.Sum(), "image")} left out:");
            foreach (var (reason, count) in summary.Skipped.OrderByDescending(reason => reason.Value))
                Console.WriteLine($"  {count,8:N0}  {reason}");
            Console.WriteLine($"The first of them:\n  {string.Join("\n  ", summary.Examples)}");
        }
        Console.WriteLine($"Look at it: clipd data inspect {options.Output} --out sheet.png");
        return ExitCodes.Done;
    }
}
