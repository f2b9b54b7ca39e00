using System.CommandLine;
using System.Text.Json;
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
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "Parquet files, image files, or folders that are searched for both at any depth.", Arity = ArgumentArity.OneOrMore }.AsPaths();
        var image = new Option<string>("--image-column") { Description = "Column of encoded images; auto finds it by its usual names.", DefaultValueFactory = _ => "auto" };
        var caption = new Option<string>("--caption-column") { Description = "Column of captions; auto finds it by its usual names.", DefaultValueFactory = _ => "auto" };
        var pixels = new Option<long>("--max-pixels") { Description = "An image with more pixels is damage, as by limits.max_image_pixels of a spec.", DefaultValueFactory = _ => (long)SpecDefaults.MaxImagePixels };
        var workers = new Option<int>("--workers") { Description = "Row groups or images read and decoded at once.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var output = CommonOptions.Output("text", "a line of JSON for each damaged place, then the sums");
        var json = CommonOptions.JsonFlag();
        var command = new Command("verify", "Read and decode every row, and every image file, as training would; list what is damaged by file and row.") { paths, image, caption, pixels, workers, output, json };
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

    private static async Task<int> VerifyAsync(DatasetVerification verification, ImageSource[] sources, int workers, bool json, CancellationToken cancel)
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
            Console.WriteLine(json ? JsonSerializer.Serialize(new { Shard = shard, Empty = true }, Json) : $"{shard}: has no rows; it contributes nothing");
        if (empty.Count == shards && images == 0)
            throw new BadInputException($"None of the {Counted.Of(shards, "shard")} has rows; name data that has some.");
        string found = string.Join(", ", (string[])
        [
            .. shards > 0 ? new[] { Counted.Of(shards, "shard"), Counted.Of(rows, "row") } : [],
            .. images > 0 ? new[] { Counted.Of(images, "image file") } : [],
        ]);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(new { Shards = shards, Rows = rows, ImageFiles = images, ImageBytes = bytes, Damaged = damaged }, Json)
            : $"{found}, {Quantities.Bytes(bytes)} of images: {(damaged == 0 ? "all sound" : Counted.Of(damaged, "damaged place"))}.");
        return damaged == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Write(IEnumerable<DamagedPlace> damage, bool json)
    {
        foreach (var place in damage)
            Console.WriteLine(json ? JsonSerializer.Serialize(place, Json) : $"{place.Shard}{(place.Row is { } row ? $" row {row}" : "")}: {place.Reason}");
    }
}
