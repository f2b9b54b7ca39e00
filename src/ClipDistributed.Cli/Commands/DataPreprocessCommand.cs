using System.CommandLine;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd data preprocess FILE…</c>: what a model would see of images, before the normalization.</summary>
internal static class DataPreprocessCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Image files.", Arity = ArgumentArity.OneOrMore }.AsPaths();
        var size = new Option<int>("--size")
        {
            Description = "Side of the result in pixels, 1 to 4096.",
            DefaultValueFactory = _ => 224,
            HelpName = "pixels",
        };
        var output = new Option<string>("--out")
        {
            Description = "A safetensors file: uint8 [3, size, size] by the name of each file.",
            HelpName = "file",
            Required = true,
        }.AsPath();
        var path = new Option<string>("--path")
        {
            Description = "convert: to RGB, then resized, as training and evaluation do; direct: resized in the file's own mode, as "
                + "OpenCLIP does to an opened file.",
            DefaultValueFactory = _ => "convert",
        };
        path.AsOneOf("convert", "direct");
        var command = new Command("preprocess", "Writes what a model would see of images: resized and cropped, not yet normalised.")
        {
            files,
            size,
            output,
            path,
        };
        command.SetAction(parsed =>
        {
            Run(parsed.GetRequiredValue(files), parsed.GetValue(size), parsed.GetValue(path) == "direct", parsed.GetRequiredValue(output));
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Run(string[] files, int size, bool direct, string output)
    {
        if (size is < 1 or > 4096)
            throw new BadInputException($"--size is {size}; use 1 to 4096.");
        if (files.GroupBy(Path.GetFileName).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadInputException(
                $"{string.Join(" and ", twice)} have one name, which would be that of two tensors; rename one or write two files."
            );
        OutputPath.CheckFile(output, "--out", replaces: true, ".safetensors");
        var images = new byte[files.Length][];
        var errors = new string?[files.Length];
        Parallel.For(0, files.Length, i =>
        {
            try
            {
                images[i] = See(InputFile.ReadBytes(files[i], null, ImageDecoder.MaxFile), size, direct);
            }
            catch (DamagedImageException damage)
            {
                errors[i] = $"{files[i]}: {damage.Message}; leave it out or repair it.";
            }
            catch (BadInputException refused)
            {
                errors[i] = refused.Message;
            }
            catch (Exception world) when (world is IOException or UnauthorizedAccessException)
            {
                errors[i] = $"{files[i]} cannot be read ({world.Message}); check the path and its permissions.";
            }
        });
        if (errors.Any(error => error is not null))
            throw new BadInputException([.. errors.OfType<string>()]);
        DurableFile.Write(
            output,
            stream => PixelFile.Write(stream, size, [.. files.Zip(images, (file, planes) => (Path.GetFileName(file), planes))])
        );
    }

    private static byte[] See(byte[] file, int size, bool direct)
    {
        byte[] planes = new byte[3 * size * size];
        if (direct)
            new DirectTransform(size).Apply(file, (long)SpecDefaults.MaxImagePixels, planes);
        else
            new EvaluationTransform(size).Apply(ImageDecoder.Decode(file, (long)SpecDefaults.MaxImagePixels), planes);
        return planes;
    }
}
