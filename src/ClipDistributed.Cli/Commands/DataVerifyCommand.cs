using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Progress;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Verification;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data verify PATH…</c>: reads and decodes all rows and image files; exit code 1 if anything is damaged.</summary>
internal static class DataVerifyCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Shards (Parquet files, tars), image files, folders that are searched for both at any depth, or patterns.",
            Arity = ArgumentArity.OneOrMore,
        }.AsPaths();
        var image = new Option<string>("--image-column")
        {
            Description = "Column of encoded images; auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var caption = new Option<string>("--caption-column")
        {
            Description = "Column of captions; auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var pixels = new Option<long>("--max-pixels")
        {
            Description = "Count images with more pixels as damaged, as training does with limits.max_image_pixels.",
            DefaultValueFactory = _ => (long)SpecDefaults.MaxImagePixels,
            HelpName = "pixels",
        };
        var workers = new Option<int>("--workers")
        {
            Description = "Blocks or images to work on at once.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
            HelpName = "count",
        };
        var output = CommonOptions.Output("text", "a line for each damaged place, then one with the sums");
        var json = CommonOptions.JsonFlag();
        var command = new Command("verify", "Reads and decodes every row and every image file as training would, and lists what is "
            + "damaged, by file and row.") { paths, image, caption, pixels, workers, output, json };
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(workers) < 1)
                throw new BadInputException($"--workers is {parsed.GetValue(workers)}; use 1 or more.");
            var columns = new SourceSpec { ImageColumn = parsed.GetValue(image), CaptionColumn = parsed.GetValue(caption) };
            var verification = new DatasetVerification(columns, parsed.GetValue(pixels));
            ImageSource[] sources = [.. parsed.GetRequiredValue(paths).Select(path => ImageSource.Find(path, "PATH"))];
            return VerifyAsync(verification, sources, parsed.GetValue(workers), CommonOptions.IsJson(parsed, output, json), cancel);
        });
        return command;
    }

    private static async Task<int> VerifyAsync(
        DatasetVerification verification,
        ImageSource[] sources,
        int workers,
        bool json,
        CancellationToken cancel
    )
    {
        int shards = sources.Sum(source => source.Shards.Count), images = sources.Sum(source => source.Images.Count);
        foreach (string line in sources.SelectMany(source => source.LeftOut))
            await Console.Error.WriteLineAsync(line);
        long rows = 0, bytes = 0, damaged = 0;
        var empty = new List<string>();
        await CountProgress.ShowAsync("Verifying files", progress => Task.Run(
            () =>
            {
                string? current = null;
                int begun = 0;
                foreach (var part in verification.Run(sources, workers, cancel))
                {
                    (rows, bytes) = (rows + part.Rows, bytes + part.ImageBytes);
                    begun += part.Shard == current ? 0 : 1;
                    current = part.Shard;
                    Write(part.Damaged, json);
                    damaged += part.DamagedCount;
                    if (part.IsEmpty)
                        empty.Add(part.Shard);
                    progress?.Invoke(begun, shards + images);
                }
                return damaged;
            },
            cancel));
        foreach (string shard in empty)
        {
            if (json)
                JsonOutput.WriteLine(new JsonObject { ["shard"] = shard, ["empty"] = true });
            else
                Console.WriteLine($"{shard}: has no rows; it contributes nothing");
        }
        if (empty.Count == shards && images == 0)
            throw new BadInputException($"None of the {Counted.Of(shards, "shard")} has rows; name data that has some.");
        if (json)
            JsonOutput.WriteLine(
                new JsonObject
                {
                    ["shards"] = shards,
                    ["rows"] = rows,
                    ["image_files"] = images,
                    ["image_bytes"] = bytes,
                    ["damaged"] = damaged,
                }
            );
        else
            WriteSums(shards, rows, images, bytes, damaged);
        return damaged == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void WriteSums(int shards, long rows, int images, long bytes, long damaged)
    {
        string found = string.Join(
            ", ",
            (string[])
                [
                    .. shards > 0 ? new[] { Counted.Of(shards, "shard"), Counted.Of(rows, "row") } : [],
                    .. images > 0 ? new[] { Counted.Of(images, "image file") } : [],
                ]
        );
        Console.WriteLine(
            $"{found}, {Quantities.Bytes(bytes)} of images: {(damaged == 0 ? "all sound" : Counted.Of(damaged, "damaged place"))}."
        );
    }

    private static void Write(IEnumerable<DamagedPlace> damage, bool json)
    {
        foreach (var place in damage)
        {
            if (json)
                JsonOutput.WriteLine(new JsonObject { ["shard"] = place.Shard, ["row"] = place.Row, ["reason"] = place.Reason });
            else
                Console.WriteLine($"{place.Shard}{(place.Row is { } row ? $" row {row}" : "")}: {place.Reason}");
        }
    }
}
