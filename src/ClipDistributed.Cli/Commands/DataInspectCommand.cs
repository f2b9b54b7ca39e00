using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;
using ClipDistributed.Reporting.Datasets;
using ClipDistributed.Reporting.Pictures;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data inspect PATH</c>: what a dataset holds, in numbers and as a contact sheet.</summary>
internal static class DataInspectCommand
{
    private const int SampledRows = 1000,
        SheetColumns = 8,
        Examples = 8,
        MaxShardRows = 12,
        MaxColumns = 40,
        MaxImageKinds = 8,
        MaxCaptionLetters = 100;

    public static Command Create()
    {
        var path = new Argument<string>("PATH")
        {
            Description = "A shard (a Parquet file or a tar), a folder that is searched for them at any depth, or a pattern such as "
                + "'{00000..00331}.tar'.",
        }.AsPath();
        var picture = new Option<FileInfo?>("--out")
        {
            Description = "Write a contact sheet with captions to this file: .png, .jpg or .webp. [default: none]",
            HelpName = "file",
        }.AsPath();
        var count = new Option<int>("--count")
        {
            Description = "Images on the contact sheet, 1 to 1000.",
            DefaultValueFactory = _ => 48,
            HelpName = "images",
        };
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
        var theme = new Option<string>("--theme")
        {
            Description = "Colours of the contact sheet: light or dark.",
            DefaultValueFactory = _ => "light",
        };
        theme.AsOneOf("light", "dark");

        var output = CommonOptions.Output("text");
        var command = new Command("inspect", "Shows a dataset: columns, shards, image sizes and captions, and draws a contact sheet of it.")
        {
            path, picture, count, image, caption, theme, output,
        };
        command.SetAction(
            (parsed, cancel) =>
            {
                var source = new SourceSpec
                {
                    Path = parsed.GetValue(path),
                    ImageColumn = parsed.GetValue(image),
                    CaptionColumn = parsed.GetValue(caption),
                };
                var colours = parsed.GetValue(theme) == "dark" ? ReportTheme.Dark : ReportTheme.Light;
                return InspectAsync(
                    source,
                    parsed.GetValue(picture),
                    parsed.GetValue(count),
                    colours,
                    CommonOptions.IsJson(parsed, output),
                    cancel
                );
            }
        );
        return command;
    }

    private static async Task<int> InspectAsync(
        SourceSpec source,
        FileInfo? picture,
        int count,
        ReportTheme theme,
        bool json,
        CancellationToken cancel
    )
    {
        if (count is < 1 or > SampledRows)
            throw new BadInputException($"--count is {count}; use 1 to {SampledRows}.");
        if (picture is not null)
            OutputPath.CheckFile($"{picture}", "--out", replaces: true, Picture.Endings);

        var manifest = ManifestBuilder.Build(
            [source], "", ColumnNeeds.Looked, json ? Console.Error.WriteLine : Console.WriteLine,
            new ManifestCache(ManifestCache.UserFolder), cancel);
        var sample = await DatasetSample.ReadAsync(manifest, SampledRows, cancel);
        if (json)
        {
            JsonOutput.Write(Describe(manifest, sample));
        }
        else
        {
            WriteColumns(manifest.Shards[0]);
            WriteShards(manifest);
            WriteSample(sample, manifest.Rows);
        }
        if (picture is null)
            return ExitCodes.Done;

        var shown = await DatasetSample.ReadAsync(manifest, count, cancel);
        var sheet = ContactSheet.Render(
            $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Path)))}: {shown.Rows.Count} of "
                + $"{Counted.Of(manifest.Rows, "row")}",
            [.. shown.Rows.Select(row => (row.Image, row.Caption))],
            SheetColumns,
            theme
        );
        DurableFile.WriteAllBytes(picture.FullName, sheet.Encode(picture.Name));
        if (!json)
            Console.WriteLine($"Contact sheet of {Counted.Of(shown.Rows.Count, "image")}: {picture}");
        return ExitCodes.Done;
    }

    private static JsonObject Describe(DatasetManifest manifest, DatasetSample sample)
    {
        var (first, words) = (manifest.Shards[0], sample.CaptionWords);
        return new JsonObject
        {
            ["rows"] = manifest.Rows,
            ["columns"] = new JsonArray([
                .. ShardSchema.Columns(first).Select(column => new JsonObject
                {
                    ["name"] = column.Name,
                    ["type"] = column.Type,
                    ["used_as"] = column.Use,
                }),
            ]),
            ["shards"] = new JsonArray([
                .. manifest.Shards.Select(shard => new JsonObject
                {
                    ["path"] = shard.Path,
                    ["rows"] = shard.Rows,
                    ["blocks"] = shard.Blocks.Count,
                    ["largest_block"] = shard.Blocks.Max(block => block.Rows),
                    ["bytes"] = shard.Length,
                }),
            ]),
            ["sampled_rows"] = sample.Rows.Count,
            ["damaged"] = JsonOutput.Of(sample.Damage),
            ["images"] = new JsonArray([
                .. sample.ImageKinds.Select(kind => new JsonObject { ["kind"] = kind.Kind, ["rows"] = kind.Count }),
            ]),
            ["caption_words"] =
                words.Count == 0
                    ? null
                    : new JsonObject
                    {
                        ["min"] = words[0],
                        ["median"] = words[words.Count / 2],
                        ["max"] = words[^1],
                    },
            ["captions"] = new JsonArray([.. ExamplesOf(sample).Select(row => (JsonNode?)row.Caption)]),
        };
    }

    private static IEnumerable<SampledRow> ExamplesOf(DatasetSample sample) =>
        sample.Rows.Where((_, i) => i % Math.Max(1, sample.Rows.Count / Examples) == 0).Take(Examples);

    private static void WriteColumns(ShardEntry shard)
    {
        var table = new TextTable(Column.Text("column"), Column.Text("type"), "used as");
        var columns = ShardSchema.Columns(shard);
        foreach (var column in columns.Take(MaxColumns))
            table.Add(Excerpt.Of(column.Name), Excerpt.Of(column.Type), column.Use ?? "");
        if (columns.Count > MaxColumns)
            table.Add($"… and {columns.Count - MaxColumns:N0} more", "", "");
        table.Write();
    }

    private static void WriteShards(DatasetManifest manifest)
    {
        var table = new TextTable(
            Column.Path("shard"),
            ">rows",
            new Column("blocks", IsRight: true, Drop: 2),
            new Column("largest block", IsRight: true, Drop: 1),
            ">MB"
        );
        foreach (var shard in manifest.Shards.Take(MaxShardRows))
            AddRow(Path.GetFileName(shard.Path), [shard]);
        if (manifest.Shards.Count > MaxShardRows)
            AddRow($"… and {manifest.Shards.Count - MaxShardRows:N0} more", [.. manifest.Shards.Skip(MaxShardRows)]);
        AddRow($"{manifest.Shards.Count:N0} in all", manifest.Shards);
        Console.WriteLine();
        table.Write();

        void AddRow(string name, IReadOnlyList<ShardEntry> shards) => table.Add(
            name,
            $"{shards.Sum(shard => shard.Rows):N0}",
            $"{shards.Sum(shard => shard.Blocks.Count):N0}",
            $"{shards.Max(shard => shard.Blocks.Max(block => block.Rows)):N0}",
            $"{shards.Sum(shard => shard.Length) / 1e6:N1}");
    }

    private static void WriteSample(DatasetSample sample, long all)
    {
        foreach (string damage in sample.Damage)
            Console.WriteLine($"{damage}; its rows are left out here, and replaced by others in training.");
        Console.WriteLine();
        Console.WriteLine(
            $"images in {(sample.Rows.Count == all ? $"all {Counted.Of(all, "row")}" : Counted.Of(sample.Rows.Count, "sampled row"))}:"
        );
        var images = new TextTable("format and pixels", ">rows");
        foreach (var (kind, rows) in sample.ImageKinds.Take(MaxImageKinds))
            images.Add(kind, $"{rows:N0}");
        if (sample.ImageKinds.Count > MaxImageKinds)
            images.Add(
                $"{sample.ImageKinds.Count - MaxImageKinds:N0} other kinds",
                $"{sample.ImageKinds.Skip(MaxImageKinds).Sum(kind => kind.Count):N0}");
        images.Write();

        var words = sample.CaptionWords;
        string lengths = words.Count == 0 ? "none" : $"{words[0]} to {Counted.Plain(words[^1], "word")}, median {words[words.Count / 2]}";
        Console.WriteLine();
        Console.WriteLine($"captions: {lengths}");
        var captions = new TextTable(Column.Text("for example"));
        foreach (var row in ExamplesOf(sample))
            captions.Add(Shortened(row.Caption ?? "(none)"));
        captions.Write();
    }

    private static string Shortened(string caption) =>
        caption.Length <= MaxCaptionLetters ? caption : $"{caption[..MaxCaptionLetters]}… ({Counted.Of(caption.Length, "letter")})";
}
