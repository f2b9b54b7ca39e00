using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Preparation;
using ImageClassified = ClipDistributed.Contracts.Replica.V1.ImageClassified;
using ReplicaOutput = ClipDistributed.Contracts.Replica.V1.ReplicaOutput;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd classify</c></summary>
internal static class ClassifyCommand
{
    public static Command Create()
    {
        var images = new Argument<string[]>("image")
        {
            Description = "Image files, or folders of them.",
            Arity = ArgumentArity.OneOrMore,
        }.AsPaths();
        var model = new Option<string>("--model")
        {
            Description =
                "A model: a checkpoint, a folder of OpenCLIP or Hugging Face, a run of OpenCLIP, or a file of weights beside its config.",
            HelpName = "path",
            Required = true,
        }.AsPath();
        var labels = new Option<string>("--labels")
        {
            Description =
                "What the images may show, two or more: separated by commas (\"red, round\" in quotes is one), or @FILE with one a line.",
            HelpName = "a,b,c|@file",
            Required = true,
        };
        var templates = new Option<string?>("--templates")
        {
            Description = $"A text file with one prompt a line; {{}} stands for the label. [default: those of the model's run, else "
                + $"\"{RunPrompts.DefaultTemplate}\"]",
            HelpName = "file",
        }.AsOptionalPath();
        var top = new Option<int>("--top")
        {
            Description = "How many labels to show of each image, the most probable first.",
            DefaultValueFactory = _ => 5,
            HelpName = "count",
        };
        var output = CommonOptions.Output(json: "one line for each image");
        var json = CommonOptions.JsonFlag();
        var tokenizer = CommonOptions.Tokenizer();
        var device = CommonOptions.Device();
        var threads = CommonOptions.Threads();
        var libTorch = CommonOptions.LibTorch();
        var command = new Command("classify", "Shows which of your labels fits each image best, with probabilities.")
        {
            images, model, labels, templates, top, tokenizer, output, json, device, threads, libTorch,
        };
        command.SetAction(
            async (result, _) =>
            {
                string folder = Path.GetFullPath(result.GetRequiredValue(model));
                int shown = result.GetValue(top);
                if (shown < 1)
                    throw new BadInputException($"--top is {shown}; use 1 or more.");
                var request = new ClassifyRequest(
                    folder,
                    LabelList.Parse(result.GetRequiredValue(labels)),
                    Templates(result.GetValue(templates), folder),
                    Files(result.GetRequiredValue(images)),
                    CommonOptions.Tokenizer(result, tokenizer)
                );
                return await RunAsync(
                    request,
                    CommonOptions.Replica(result, threads, libTorch, device),
                    shown,
                    CommonOptions.IsJson(result, output, json)
                );
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(ClassifyRequest request, ReplicaOptions options, int top, bool json)
    {
        var table = new TextTable(Column.Path("image"), Column.Text("label"), ">probability");
        try
        {
            await ReplicaProcess.RunAsync(options, request, output =>
            {
                if (output.Record?.Notice is { } notice)
                    Console.Error.WriteLine(notice.Text);
                if (output.Classified is not { } image)
                    return;
                var shown = new ImageClassified
                {
                    Image = image.Image,
                    Labels = { image.Labels.Take(top) },
                    Probabilities = { image.Probabilities.Take(top) },
                };
                if (json)
                    Console.WriteLine(new ReplicaOutput { Classified = shown }.ToJson());
                else
                    AddTo(table, shown);
            });
            return ExitCodes.Done;
        }
        finally
        {
            if (!table.IsEmpty)
                table.Write(); // what could be classified, also where a file was no image
        }
    }

    private static void AddTo(TextTable table, ImageClassified image)
    {
        string name = Path.GetRelativePath(Environment.CurrentDirectory, image.Image);
        for (int i = 0; i < image.Labels.Count; i++)
            table.Add(
                i == 0 ? name : "",
                image.Labels[i],
                string.Create(CultureInfo.InvariantCulture, $"{100 * image.Probabilities[i], 5:0.0} %")
            );
    }

    private static IReadOnlyList<string> Templates(string? file, string model)
    {
        if ((file ?? RunPrompts.TemplatesFile(model)) is not { } path)
            return [RunPrompts.DefaultTemplate];
        return PromptTemplates.Read(path, "--templates", pipe: true);
    }

    private static List<string> Files(string[] given)
    {
        var errors = given.Where(path => FileKinds.Of(path) is not (FileKind.Regular or FileKind.Folder))
            .Select(path => $"{path} {FileKinds.Of(path).Words()}; name image files, or folders of them.").ToList();
        return errors.Count == 0 ? [.. given.Select(Path.GetFullPath)] : throw new BadInputException(errors);
    }
}
