using System.Globalization;
using ClipDistributed.Fuzz;
using ClipDistributed.Fuzz.Kinds;

// clipd-fuzz COUNT [SEED [KIND]]: mutated inputs of every kind, and what they did to the commands that read them.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
IFuzzKind[] kinds = [new SpecKind(), new ListKind(), new ParquetKind(), new PickleKind(), new SafetensorsKind(), new RunFilesKind()];
switch (args)
{
    case ["worker", var name]:
        var answers = Console.Out;
        CommandRun.CaptureConsole();
        answers.WriteLine("ready");
        var mine = kinds.Single(kind => kind.Name == name);
        var input = new StreamReader(Console.OpenStandardInput());
        while (input.ReadLine() is { } line)
            answers.WriteLine(CommandRun.Try(mine, int.Parse(line)).ToJson());
        return 0;
    case ["write", var wanted, var seed, var folder]: // the input of a seed, to look at
        kinds.Single(kind => kind.Name == wanted).Write(Directory.CreateDirectory(folder).FullName, int.Parse(seed));
        return 0;
    case [var count, .. var rest] when int.TryParse(count, out int inputs):
        int first = rest.Length > 0 ? int.Parse(rest[0]) : 1;
        return
            kinds.Where(kind => rest.Length < 2 || kind.Name == rest[1]).Select(kind => FuzzTable.Run(kind, first, inputs)).ToList().Sum()
            == 0
            ? 0
            : 1;
    default:
        Console.Error.WriteLine(
            $"Give the number of inputs, then a first seed, then one of {string.Join(", ", kinds.Select(kind => kind.Name))}."
        );
        return 2;
}
