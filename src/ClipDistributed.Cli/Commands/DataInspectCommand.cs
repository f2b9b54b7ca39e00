using System.CommandLine;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;
using ClipDistributed.Reporting.Datasets;
using ClipDistributed.Reporting.Pictures;
using Spectre.Console;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data inspect PATH</c>: what a dataset holds, in numbers and as a contact sheet.</summary>
internal static class DataInspectCommand
{
    private const int SampledRows = 1000, SheetColumns = 8, Examples = 8, MostShardRows = 12, MostImageKinds = 8, MostCaptionLetters = 100;

    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "A Parquet file, or a folder of them." };
        var picture = new Option<FileInfo?>("--out") { Description = "Write a contact sheet with captions to this PNG file. [default: none]" };
        var count = new Option<int>("--count") { Description = "Images on the contact sheet, 1 to 1000.", DefaultValueFactory = _ => 48 };
        var image = new Option<string>("--image-column") { Description = "Column of encoded images; auto finds it by its usual names.", DefaultValueFactory = _ => "auto" };
        var caption = new Option<string>("--caption-column") { Description = "Column of captions; auto finds it by its usual names.", DefaultValueFactory = _ => "auto" };
        var theme = new Option<string>("--theme") { Description = "Colours of the contact sheet: light or dark.", DefaultValueFactory = _ => "light" };
        theme.AcceptOnlyFromAmong("light", "dark");

        var command = new Command("inspect", "Show a dataset: columns, shards, image sizes, captions, and a contact sheet.")
        {
            path, picture, count, image, caption, theme,
        };
        command.SetAction((parsed, cancel) =>
        {
            var source = new SourceSpec { Path = parsed.GetValue(path), ImageColumn = parsed.GetValue(image), CaptionColumn = parsed.GetValue(caption) };
            var colours = parsed.GetValue(theme) == "dark" ? ReportTheme.Dark : ReportTheme.Light;
            return InspectAsync(source, parsed.GetValue(picture), parsed.GetValue(count), colours, cancel);
        });
        return command;
    }

    private static async Task<int> InspectAsync(SourceSpec source, FileInfo? picture, int count, ReportTheme theme, CancellationToken cancel)
    {
        if (count is < 1 or > SampledRows)
            throw new BadInputException($"--count is {count}; use 1 to {SampledRows}.");
        if (picture is { Directory.Exists: false })
            throw new BadInputException($"--out: the folder {picture.DirectoryName} does not exist; make it or name another.");

        var manifest = ManifestBuilder.Build([source], "PATH", captionsNeeded: false);
        var sample = await DatasetSample.ReadAsync(manifest, SampledRows, cancel);
        WriteColumns(manifest.Shards[0]);
        WriteShards(manifest);
        WriteSample(sample);
        if (picture is null)
            return ExitCodes.Done;

        var shown = await DatasetSample.ReadAsync(manifest, count, cancel);
        var sheet = ContactSheet.Render(
            $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Path)))}: {shown.Rows.Count} of {manifest.Rows:N0} rows",
            [.. shown.Rows.Select(row => (row.Image, row.Caption))], SheetColumns, theme);
        await File.WriteAllBytesAsync(picture.FullName, sheet.Png, cancel);
        AnsiConsole.MarkupLineInterpolated($"Contact sheet of {shown.Rows.Count} images: [bold]{picture}[/]");
        return ExitCodes.Done;
    }

    private static void WriteColumns(ShardEntry shard)
    {
        var table = Titled("Columns").AddColumns("name", "type", "used as");
        foreach (var (name, type) in ShardSchema.Columns(shard.Path))
            table.AddRow(Markup.Escape(name), Markup.Escape(type), RoleOf(name, shard));
        AnsiConsole.Write(table);
    }

    private static void WriteShards(DatasetManifest manifest)
    {
        var table = Titled("Shards").AddColumn("file");
        foreach (string name in new[] { "rows", "row groups", "largest group", "MB" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var shard in manifest.Shards.Take(MostShardRows))
            AddRow(Path.GetFileName(shard.Path), [shard]);
        if (manifest.Shards.Count > MostShardRows)
            AddRow($"… and {manifest.Shards.Count - MostShardRows:N0} more", [.. manifest.Shards.Skip(MostShardRows)]);
        table.AddEmptyRow();
        AddRow($"{manifest.Shards.Count:N0} in all", manifest.Shards);
        AnsiConsole.Write(table);

        void AddRow(string name, IReadOnlyList<ShardEntry> shards) => table.AddRow(
            Markup.Escape(name),
            $"{shards.Sum(shard => shard.Rows):N0}",
            $"{shards.Sum(shard => shard.RowGroups.Count):N0}",
            $"{shards.Max(shard => shard.RowGroups.Max(group => group.Rows)):N0}",
            $"{shards.Sum(shard => shard.Length) / 1e6:N1}");
    }

    private static void WriteSample(DatasetSample sample)
    {
        foreach (string damage in sample.Damage)
            AnsiConsole.MarkupLineInterpolated($"[red]{damage}[/]; its rows are left out here, and replaced by others in training.");
        var images = Titled($"Images in {sample.Rows.Count:N0} sampled rows").AddColumn("format and pixels").AddColumn(new TableColumn("rows").RightAligned());
        foreach (var (kind, rows) in sample.ImageKinds.Take(MostImageKinds))
            images.AddRow(Markup.Escape(kind), $"{rows:N0}");
        if (sample.ImageKinds.Count > MostImageKinds)
            images.AddRow($"{sample.ImageKinds.Count - MostImageKinds:N0} other kinds", $"{sample.ImageKinds.Skip(MostImageKinds).Sum(kind => kind.Count):N0}");
        AnsiConsole.Write(images);

        var words = sample.CaptionWords;
        string lengths = words.Count == 0 ? "none" : $"{words[0]} to {words[^1]} words, median {words[words.Count / 2]}";
        var captions = Titled($"Captions: {lengths}").AddColumn("example");
        foreach (var row in sample.Rows.Where((_, i) => i % Math.Max(1, sample.Rows.Count / Examples) == 0).Take(Examples))
            captions.AddRow(Markup.Escape(Shortened(row.Caption ?? "(none)")));
        AnsiConsole.Write(captions);
    }

    private static string Shortened(string caption) =>
        caption.Length <= MostCaptionLetters ? caption : $"{caption[..MostCaptionLetters]}… ({caption.Length:N0} letters)";

    private static Table Titled(string title)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{title}[/]");
        return new Table().Border(TableBorder.Rounded);
    }

    private static string RoleOf(string column, ShardEntry shard) =>
        column == shard.ImageColumn ? "image" : column == shard.CaptionColumn ? "caption" : column == shard.LabelColumn ? "label" : "";
}
