using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Data.Preparation;
using Google.Protobuf;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run try</c></summary>
internal static class RunTryCommand
{
    private const long MaxImage = 8 << 20; // as the proto says

    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var image = new Option<string?>("--image")
        {
            Description = "A picture. [default: images of the run are ranked for each caption]",
            HelpName = "file",
        }.AsOptionalPath();
        var labels = new Option<string?>("--labels")
        {
            Description = "What it may show, in the prompts of the run, as of clipd classify. [default: the run's classes]",
            HelpName = "a,b,c|@file",
        };
        var captions = new Option<string[]>("--caption")
        {
            Description = "A caption as it is; can be repeated.",
            HelpName = "text",
            DefaultValueFactory = _ => [],
        };
        var step = new Option<long>("--step")
        {
            Description = "The step of the checkpoint, as clipd checkpoint list shows it. [default: the newest]",
            HelpName = "number",
        };
        var attempt = CheckpointArguments.NewAttempt();
        var top = new Option<int>("--top")
        {
            Description = "How many answers to show, the most probable first; at most 20.",
            DefaultValueFactory = _ => 5,
            HelpName = "count",
        };
        var output = CommonOptions.Output();
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("try", "Asks the model of a checkpoint what fits a picture or a caption. A free worker host answers.")
        {
            id, image, labels, captions, step, attempt, top, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            int shown = result.GetValue(top);
            if (shown < 1)
                throw new BadInputException($"--top is {shown}; use 1 or more.");
            var request = new TryModelRequest
            {
                RunId = result.GetRequiredValue(id), Step = result.GetValue(step), Attempt = result.GetValue(attempt),
            };
            Add(request, result.GetValue(image), result.GetValue(labels), result.GetValue(captions) ?? []);
            using var client = coordinator.Connect(result);
            var answer = await client.CallAsync(
                calls => new ModelService.ModelServiceClient(calls).TryModelAsync(request), cancel, repeatable: false);
            if (CommonOptions.IsJson(result, output))
                JsonOutput.Write(JsonOutput.Of(answer));
            else
                Write(answer, shown);
        });
        return command;
    }

    private static void Add(TryModelRequest request, string? image, string? labels, string[] captions)
    {
        if (labels is not null && captions.Length > 0)
            throw new BadInputException(
                "--labels and --caption are both given; labels stand in prompts, captions do not: give one of them.");
        if (image is null && labels is null && captions.Length == 0)
            throw new BadInputException("--image and --caption are missing; give a picture, or captions, or both.");
        if (image is not null)
            request.Image = ByteString.CopyFrom(InputFile.ReadBytes(image, "--image", MaxImage));
        request.AreLabels = labels is not null;
        request.Captions.AddRange(labels is null ? captions : LabelList.Parse(labels));
    }

    private static void Write(TryModelResponse answer, int top)
    {
        var table = new TextTable(Column.Text("asked"), Column.Text("answer"), ">probability", ">cosine");
        foreach (var ranking in answer.Rankings)
        {
            string asked = ranking.Caption == "" ? "the picture" : ranking.Caption;
            foreach (var (at, one) in ranking.Answers.Take(top).Index())
                table.Add(at == 0 ? asked : "", Shown(one), Percent(one.Probability), Cosine(one.Cosine));
        }
        table.Write();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {answer.Step} of attempt {answer.Attempt}, by host {answer.Host} in {answer.Seconds:0.0} s"));
    }

    /// <summary>An image of the run by its number and what is written below it.</summary>
    private static string Shown(RankedAnswer answer) => answer.HasImage ? $"image {answer.Image}: {answer.Text}" : answer.Text;

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    private static string Cosine(double cosine) => string.Create(CultureInfo.InvariantCulture, $"{cosine:0.000}");
}
