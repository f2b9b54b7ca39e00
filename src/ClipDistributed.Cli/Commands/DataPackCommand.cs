using System.CommandLine;
using System.Diagnostics;
using ClipDistributed.Cli.Progress;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Packing;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data pack FOLDER… --out DIR</c>: makes shards of image files and their captions.</summary>
internal static class DataPackCommand
{
    public static Command Create()
    {
        var folders = new Argument<string[]>("FOLDER")
        {
            Description = $"Folders of images ({ImageListing.Formats}), with their sub-folders.",
            Arity = ArgumentArity.OneOrMore,
        }.AsPaths();
        var output = new Option<string>("--out")
        {
            Description = "Folder for the shards; made if absent.",
            HelpName = "dir",
            Required = true,
        }.AsPath();
        var captions = new Option<string>("--captions")
        {
            Description = "sidecar: a .txt beside each image; names: the words of the file name; folders: the class folder's name; or a "
                + ".csv, .tsv or .jsonl file. auto: sidecar where there is one, else names.",
            DefaultValueFactory = _ => PackOptions.Auto, HelpName = "how|file",
        }.AsPath();
        var imageColumn = new Option<string?>("--image-column")
        {
            Description = "The list's column of files, by name or number. [default: found by its usual names]",
            HelpName = "name",
        };
        var captionColumn = new Option<string?>("--caption-column")
        {
            Description = "The list's column of captions, by name or number. [default: found by its usual names]",
            HelpName = "name",
        };
        var separator = new Option<string?>("--separator")
        {
            Description = "Between the list's values: comma, tab, semicolon, pipe or a character. [default: found from its first line]",
            HelpName = "character",
        };
        var matchNames = new Option<bool>("--match-names")
        {
            Description = "Where a path in the list leads nowhere, take the file of that name in FOLDER; of several the one whose folders "
                + "agree furthest.",
        };
        var allowMissing = new Option<bool>("--allow-missing")
        {
            Description = "End with exit code 0 though rows of the list were left out.",
        };
        var labels = new Option<string>("--labels")
        {
            Description = "folders: the first folder below FOLDER is the class; writes a label column and classes.txt.",
            DefaultValueFactory = _ => "none",
        };
        labels.AsOneOf("none", "folders");
        var resize = new Option<int?>("--resize")
        {
            Description = "Shrink larger images until their shorter side has this many pixels. [default: images stay as they are]",
            HelpName = "pixels",
        };
        var background = new Option<string?>("--background")
        {
            Description =
                "Fill transparent areas with a colour: white, black or #rrggbb. [default: images stay as they are; training drops alpha, "
                + "as OpenCLIP does]",
            HelpName = "colour",
        };
        var defaults = new PackOptions([], "");
        var pixels = new Option<long>("--max-pixels")
        {
            Description = "Leave out images with more pixels; training refuses those beyond its limits.max_image_pixels.",
            DefaultValueFactory = _ => (long)SpecDefaults.MaxImagePixels,
            HelpName = "pixels",
        };
        var quality = new Option<int>("--quality")
        {
            Description = "JPEG quality of images that are turned or shrunk, 1 to 100.",
            DefaultValueFactory = _ => defaults.Quality,
            HelpName = "1-100",
        };
        var rows = new Option<int>("--rows-per-shard")
        {
            Description = "Maximum rows in a shard.",
            DefaultValueFactory = _ => defaults.RowsPerShard,
            HelpName = "rows",
        };
        var size = new Option<int>("--shard-size")
        {
            Description = "Maximum megabytes of images in a shard.",
            DefaultValueFactory = _ => (int)(defaults.ShardBytes / 1_000_000),
            HelpName = "MB",
        };
        var workers = new Option<int>("--workers")
        {
            Description = "Images to work on at once; the result does not depend on it.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
            HelpName = "count",
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace what was packed into the folder of --out before." };
        var command = new Command(
            "pack",
            "Makes Parquet shards of image files and captions. Run it again after an interruption: it goes on where it stopped."
        )
        {
            folders,
            output,
            captions,
            imageColumn,
            captionColumn,
            separator,
            matchNames,
            allowMissing,
            labels,
            resize,
            background,
            pixels,
            quality,
            rows,
            size,
            workers,
            overwrite,
        };
        command.SetAction((parsed, _) => PackAsync(
            new PackOptions(parsed.GetRequiredValue(folders), parsed.GetRequiredValue(output), parsed.GetRequiredValue(captions))
            {
                ImageColumn = parsed.GetValue(imageColumn),
                CaptionColumn = parsed.GetValue(captionColumn),
                Separator = parsed.GetValue(separator),
                MatchNames = parsed.GetValue(matchNames),
                Labels = parsed.GetValue(labels) == "folders",
                Resize = parsed.GetValue(resize),
                Background = parsed.GetValue(background),
                Quality = parsed.GetValue(quality),
                RowsPerShard = parsed.GetValue(rows),
                ShardBytes = parsed.GetValue(size) * 1_000_000L,
                MaxPixels = parsed.GetValue(pixels),
                Workers = parsed.GetValue(workers),
                Overwrite = parsed.GetValue(overwrite),
            },
            parsed.GetValue(allowMissing)));
        return command;
    }

    private static async Task<int> PackAsync(PackOptions options, bool allowMissing)
    {
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();
        using var signals = new StopSignals("Stopping …", stop.Cancel);
        PackSummary summary;
        try
        {
            summary = await CountProgress.ShowAsync(
                "Packing images", progress => new FolderPacking(options).RunAsync(progress, stop.Token));
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Stopped before the first image.");
            return signals.ExitCode;
        }
        if (summary.Remaining > 0)
        {
            PackReport.PrintStopped(options, summary);
            return signals.ExitCode;
        }
        PackReport.Print(options, summary, clock.Elapsed.TotalSeconds);
        if (summary.LostRows == 0 || allowMissing)
            return ExitCodes.Done;
        Console.Error.WriteLine($"error: {Counted.Of(summary.LostRows, "row")} of {options.Captions} "
            + $"{(summary.LostRows == 1 ? "is" : "are")} not in the shards; correct the list or the folder and pack again with "
            + $"--overwrite{(options.MatchNames ? "" : ", let files be found by their names alone (--match-names)")}, or accept it with "
            + $"--allow-missing.");
        return ExitCodes.Failed;
    }
}
