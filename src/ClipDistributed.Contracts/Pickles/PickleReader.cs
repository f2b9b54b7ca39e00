using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Pickles;

/// <summary>
/// Runs a pickle of protocol 2 to 5: numbers, strings, containers, and what <see cref="TorchObjects"/> builds. No code is run and no
/// class is looked up, every other name is an error. Nothing here recurses, so depth costs no stack; all that is built counts
/// against <see cref="PickleLimits"/>.
/// </summary>
internal sealed class PickleReader
{
    private readonly PickleInput input;
    private readonly TorchObjects objects;
    private readonly PickleScalars scalars;
    private readonly PickleStack stack;
    private readonly Dictionary<long, object?> memo = [];
    private readonly long start;
    private readonly PickleLimits limits;
    private int objectsLeft;

    private PickleReader(PickleInput input, TorchObjects objects, PickleLimits limits)
    {
        (this.input, this.objects, this.limits) = (input, objects, limits);
        (scalars, stack) = (new PickleScalars(input, limits.Text), new PickleStack(input));
        (start, objectsLeft) = (input.Position, limits.Objects);
    }

    /// <summary>The object that the pickle describes; the input then stands after it.</summary>
    /// <exception cref="InvalidDataException">It is damaged, names what is not built, or takes more than the limits allow.</exception>
    public static object? Read(PickleInput input, TorchObjects objects, PickleLimits? limits = null) =>
        new PickleReader(input, objects, limits ?? new PickleLimits()).Run();

    private object? Run()
    {
        if (input.ReadByte() != (byte)Opcode.Protocol || input.ReadByte() is not (>= 2 and <= 5))
            throw new InvalidDataException("it is not a pickle of protocol 2 to 5");
        while (true)
        {
            if (input.Position - start > limits.Bytes)
                throw new InvalidDataException(
                    $"its pickle is longer than {Counted.Plain(limits.Bytes, "byte")}; a state_dict's is a few megabytes"
                );
            var code = (Opcode)input.ReadByte();
            if (code == Opcode.Stop)
                return stack.Pop();
            Step(code);
        }
    }

    private void Step(Opcode code)
    {
        switch (code)
        {
            case Opcode.Protocol:
                input.ReadByte();
                break;
            case Opcode.Frame:
                input.ReadNumber(8); // how much a reader may fetch at once
                break;
            case Opcode.Mark:
                Spend(1);
                stack.Mark();
                break;
            case Opcode.Pop:
                if (!stack.TryPopMark())
                    stack.Pop();
                break;
            case Opcode.PopMark:
                stack.PopToMark();
                break;
            case Opcode.Duplicate:
                Push(stack.Top());
                break;
            case Opcode.BinPut or Opcode.LongBinPut:
                Remember((long)input.ReadNumber(code == Opcode.BinPut ? 1 : 4));
                break;
            case Opcode.Memoize:
                Remember(memo.Count);
                break;
            case Opcode.BinGet or Opcode.LongBinGet:
                long number = (long)input.ReadNumber(code == Opcode.BinGet ? 1 : 4);
                Push(memo.TryGetValue(number, out object? known) ? known : throw input.Damaged($"memo {number} was never set"));
                break;
            case Opcode.Global:
                Push(objects.Global(input.ReadLine(), input.ReadLine()));
                break;
            case Opcode.StackGlobal:
                string name = PopText(), module = PopText();
                Push(objects.Global(module, name));
                break;
            case Opcode.BinPersistentId:
                Push(objects.Persistent(stack.Pop()));
                break;
            case Opcode.Reduce or Opcode.NewObject:
                var arguments = PopList();
                Spend(arguments.Items.Count);
                arguments.Items.ForEach(argument => Spend(SizeOf(argument))); // a container may be copied
                Push(objects.Call(stack.Pop(), arguments.Items));
                break;
            case Opcode.Build:
                object? state = stack.Pop();
                Spend(SizeOf(state));
                objects.Build(stack.Top(), state);
                break;
            default:
                if (scalars.TryRead(code, out object? value))
                    Push(value);
                else if (!StepContainer(code))
                    throw input.Damaged($"the instruction 0x{(byte)code:x2} is not one that builds data");
                break;
        }
    }

    private bool StepContainer(Opcode code)
    {
        switch (code)
        {
            case Opcode.EmptyTuple or Opcode.EmptyList or Opcode.EmptySet:
                Push(new PickleList([]));
                break;
            case Opcode.Tuple or Opcode.List or Opcode.FrozenSet:
                Push(new PickleList(stack.PopToMark()));
                break;
            case Opcode.Tuple1 or Opcode.Tuple2 or Opcode.Tuple3:
                var items = stack.PopLast(code - Opcode.Tuple1 + 1);
                Push(new PickleList(items));
                break;
            case Opcode.EmptyDict:
                Push(new PickleDict());
                break;
            case Opcode.Dict:
                var pairs = stack.PopToMark();
                Push(new PickleDict());
                Set(pairs);
                break;
            case Opcode.Append:
                Extend(stack.PopLast(1));
                break;
            case Opcode.Appends or Opcode.AddItems:
                Extend(stack.PopToMark());
                break;
            case Opcode.SetItem:
                Set(stack.PopLast(2));
                break;
            case Opcode.SetItems:
                Set(stack.PopToMark());
                break;
            default:
                return false;
        }
        return true;
    }

    private void Extend(List<object?> items)
    {
        Spend(items.Count);
        (stack.Top() as PickleList ?? throw input.Damaged("items are added to what is not a list")).Items.AddRange(items);
    }

    private void Set(List<object?> pairs)
    {
        Spend(pairs.Count);
        var target = stack.Top() as PickleDict ?? throw input.Damaged("keys are set in what is not a dictionary");
        if (pairs.Count % 2 != 0)
            throw input.Damaged("a key has no value");
        for (int i = 0; i < pairs.Count; i += 2)
            target.Items.Add(new(pairs[i], pairs[i + 1]));
    }

    private void Remember(long number)
    {
        Spend(1);
        memo[number] = stack.Top();
    }

    private void Push(object? value)
    {
        Spend(1);
        stack.Push(value);
    }

    private string PopText() => stack.Pop() as string ?? throw input.Damaged("a name is not text");

    private PickleList PopList() => stack.Pop() as PickleList ?? throw input.Damaged("arguments are not a tuple");

    private static int SizeOf(object? value) =>
        value is PickleList list ? list.Items.Count : value is PickleDict dict ? dict.Items.Count : 0;

    private void Spend(int count)
    {
        if ((objectsLeft -= count) < 0)
            throw new InvalidDataException($"it builds more than {Counted.Plain(limits.Objects, "object")}");
    }
}
