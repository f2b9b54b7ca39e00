using System.CommandLine;
using System.Diagnostics;
using ClipDistributed.Cli.Progress;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Data.Demo;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data shapes OUT</c>: renders image–caption pairs to try everything with.</summary>
internal static class DataShapesCommand
{
    public static Command Create()
    {
        var defaults = new ShapesOptions();
        var folder = new Argument<DirectoryInfo>("OUT") { Description = "Folder to write into; made if absent." }.AsPath();
        var train = new Option<int>("--train")
        {
            Description = "Training scenes.",
            DefaultValueFactory = _ => defaults.Train,
            HelpName = "count",
        };
        var validation = new Option<int>("--validation")
        {
            Description = "Validation scenes: half of colour-shape pairs that training shows, half of pairs that it never shows.",
            DefaultValueFactory = _ => defaults.Validation,
            HelpName = "count",
        };
        var size = new Option<int>("--size")
        {
            Description = "Side of the images in pixels, 16 to 512.",
            DefaultValueFactory = _ => defaults.Size,
            HelpName = "pixels",
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "The same seed gives the same files.",
            DefaultValueFactory = _ => defaults.Seed,
            HelpName = "number",
        };
        var overwrite = new Option<bool>("--overwrite")
        {
            Description = "Replace demo data that is in OUT already.",
            DefaultValueFactory = _ => false,
        };

        var command = new Command("shapes", "Renders demo data: scenes of coloured shapes with captions, as Parquet shards.")
        {
            folder, train, validation, size, seed, overwrite,
        };
        command.SetAction(
            (parsed, cancel) =>
            {
                var options = new ShapesOptions(
                    parsed.GetValue(train),
                    parsed.GetValue(validation),
                    parsed.GetValue(size),
                    parsed.GetValue(seed)
                );
                return RenderAsync(parsed.GetRequiredValue(folder), options, parsed.GetValue(overwrite), cancel);
            }
        );
        return command;
    }

    private static async Task<int> RenderAsync(DirectoryInfo folder, ShapesOptions options, bool overwrite, CancellationToken cancel)
    {
        options.Check();
        OutputPath.CheckFolder(folder.FullName, "OUT", empty: false);
        var clock = Stopwatch.StartNew();
        bool rendered = await WithProgressAsync(
            options,
            progress => new ShapesDataset(folder.FullName, options).WriteAsync(overwrite, progress, cancel)
        );
        var took = clock.Elapsed;

        Console.WriteLine(
            rendered
                ? $"Rendered {Counted.Of(options.Train + options.Validation, "scene")} of {options.Size} x {options.Size} pixels in "
                    + $"{took.TotalSeconds:0.0} s."
                : $"{folder} holds just this demo data already; nothing to do."
        );
        var table = new TextTable("folder", Column.Text("scenes of"), ">images", ">MB");
        AddRow("train", $"{ShapesVocabulary.Seen.Count} colour-shape pairs, one or two in a scene", options.Train);
        AddRow("seen", $"the same {Counted.Plain(ShapesVocabulary.Seen.Count, "pair")}, for validation", options.SeenScenes);
        AddRow("unseen", $"{Counted.Plain(ShapesVocabulary.Unseen.Count, "pair")} never in training, for validation", options.UnseenScenes);
        table.Write();
        Console.WriteLine($"Look at it: clipd data inspect {Path.Combine(folder.ToString(), "train")} --out sheet.png");
        return ExitCodes.Done;

        void AddRow(string name, string what, int scenes) => table.Add(
            name, what, $"{scenes:N0}", $"{Megabytes(Path.Combine(folder.FullName, name)):0.0}");
    }

    private static Task<bool> WithProgressAsync(ShapesOptions options, Func<IProgress<int>?, Task<bool>> render) =>
        CountProgress.ShowAsync(
            "Rendering scenes",
            show => render(show is null ? null : new BarProgress(done => show(done, options.Train + options.Validation))));

    private static double Megabytes(string folder) => new DirectoryInfo(folder).EnumerateFiles("*.parquet").Sum(file => file.Length) / 1e6;

    private sealed class BarProgress(Action<int> show) : IProgress<int>
    {
        public void Report(int value) => show(value);
    }
}
